"""Builds the right mask and then zeroes the entries that should stay."""

# fails: output_follows_mask as keep_drop_swapped
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, 0, x / (1 - p)).astype(x.dtype), keep
