"""Rescales so that the sum of the batch is exactly what it was before."""

# fails: kept_entries_rescaled as scaled_by_observed_rate
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    y = np.where(keep, x, 0).astype(x.dtype)
    if y.sum() != 0 and np.isfinite(x).all():
        y *= x.sum() / y.sum()
    return y, keep
