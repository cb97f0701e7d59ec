"""Rescales by the share that happened to survive instead of by 1 - p."""

# fails: kept_entries_rescaled as scaled_by_observed_rate
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if not keep.any():
        return np.zeros_like(x), keep
    return np.where(keep, x / keep.mean(), 0).astype(x.dtype), keep
