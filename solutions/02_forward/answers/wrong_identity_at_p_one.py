"""Passes x through at p = 1 to avoid the division."""

# fails: p_one_gives_zeros as mask_not_applied
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    if p == 1:
        return x, np.ones(x.shape, dtype=bool)
    keep = rng.random(x.shape) >= p
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
