"""Checks p < 0 and p > 1, which lets NaN through."""

# fails: rejects_bad_p as nan_not_rejected
import numpy as np


def dropout_forward(x, p, training, rng):
    if p < 0 or p > 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
