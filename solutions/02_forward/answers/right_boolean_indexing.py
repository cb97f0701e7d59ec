"""Starts from zeros and fills in the kept entries by boolean indexing."""

import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x.copy(), None
    keep = rng.random(x.shape) < 1 - p
    y = np.zeros_like(x)
    if keep.any():
        y[keep] = x[keep] / (1 - p)
    return y, keep
