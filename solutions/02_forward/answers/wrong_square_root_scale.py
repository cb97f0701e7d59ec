"""Divides by the square root of 1 - p, which keeps the second moment and not the mean."""

# fails: kept_entries_rescaled as wrong_scale
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p) ** 0.5, 0).astype(x.dtype), keep
