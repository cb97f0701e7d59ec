"""Drops exactly round(p n) entries."""

# fails: masks_independent as fixed_count
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.permutation(np.arange(x.size) >= round(p * x.size)).reshape(x.shape)
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
