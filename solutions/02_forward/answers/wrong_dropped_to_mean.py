"""Replaces what is dropped by the mean of x, as one imputes missing data."""

# fails: output_follows_mask as mask_not_applied
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    y = np.full_like(x, np.nanmean(x[np.isfinite(x)]) if np.isfinite(x).any() else 0)
    if p < 1:
        y[keep] = x[keep] / (1 - p)
    return y, keep
