"""Silences the warning of 0 / 0 at p = 1 and returns the NaN."""

# fails: p_one_gives_zeros as p_one_divides_by_zero
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    with np.errstate(all="ignore"):
        return np.where(keep, x, 0).astype(x.dtype) / x.dtype.type(1 - p), keep
