"""Drops whole examples: one flag a row."""

# fails: masks_independent as one_mask_per_row
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    flags = rng.random((len(x),) + (1,) * (x.ndim - 1)) >= p
    keep = np.broadcast_to(flags, x.shape).copy()
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
