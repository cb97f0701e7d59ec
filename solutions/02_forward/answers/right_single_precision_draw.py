"""Draws in single precision and divides in double before rounding once to x's dtype."""

import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape, dtype=np.float32) < np.float32(1 - p)
    wide = np.where(keep, x, 0).astype(np.float64)
    return (wide / max(1 - p, np.finfo(float).tiny)).astype(x.dtype), keep
