"""Cleans the output with nan_to_num, which also hides the NaN and inf that were kept."""

# fails: nonfinite_entries_dropped as hides_nonfinite
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, np.nan_to_num(x) / (1 - p), 0).astype(x.dtype), keep
