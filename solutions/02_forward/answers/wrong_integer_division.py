"""Uses // for the scale, which cuts it down to a whole number."""

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
    return np.where(keep, x * (1 // (1 - p)), 0).astype(x.dtype), keep
