"""Takes y != 0 for the mask, so every input that is zero counts as dropped."""

# fails: mask_survives_zeros as mask_guessed_from_values
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    y = np.where(keep, x / (1 - p), 0).astype(x.dtype)
    return y, y != 0
