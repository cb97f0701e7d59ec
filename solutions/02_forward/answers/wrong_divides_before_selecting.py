"""Divides everything by zero at p = 1 and selects afterwards: right numbers, but NumPy warns."""

# fails: quiet as p_one_divides_by_zero
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    return np.where(keep, x / x.dtype.type(1 - p), x.dtype.type(0)), keep
