"""Drops the entries that are smallest in size: pruning, not dropout."""

# fails: masks_independent as fixed_count
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    rng.random(x.shape)
    rank = np.abs(x).ravel().argsort().argsort().reshape(x.shape)
    keep = rank >= round(p * x.size)
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
