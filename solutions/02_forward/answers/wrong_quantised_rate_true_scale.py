"""Drops with p rounded down to 1/256 but scales with the exact p."""

# fails: rate_matches_p as coarse_rate
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.integers(0, 256, size=x.shape) >= int(256 * p)
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
