"""Lets numpy.ma carry the mask and fill the holes with zero."""

import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    drop = rng.random(x.shape) < p
    survivors = np.ma.MaskedArray(x, mask=drop)
    scaled = survivors if p == 1 else survivors * (1 / (1 - p))
    return np.asarray(scaled.filled(0), dtype=x.dtype), ~drop
