"""Divides by 1 - p once in the mask and once more in the output."""

# fails: kept_entries_rescaled as scaled_twice
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    scaled = np.where(keep, x / (1 - p), 0)
    return (scaled / (1 - p)).astype(x.dtype), keep
