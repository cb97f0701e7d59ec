"""Never counts a zero input as dropped, so the mask depends on the data."""

# fails: mask_survives_zeros as mask_guessed_from_values
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = (rng.random(x.shape) >= p) | ((x == 0) & (p < 1))
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
