"""Applies one mask and returns another, drawn a second time."""

# fails: output_follows_mask as returned_mask_differs
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    applied = rng.random(x.shape) >= p
    y = np.zeros_like(x) if p == 1 else np.where(applied, x / (1 - p), 0).astype(x.dtype)
    return y, rng.random(x.shape) >= p
