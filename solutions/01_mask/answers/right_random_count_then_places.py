"""Draws how many entries drop (binomial), then which: the random count keeps them independent."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = math.prod(shape)
    keep = np.ones(n, dtype=bool)
    keep[rng.choice(n, size=rng.binomial(n, p), replace=False) if n else []] = False
    return keep.reshape(shape)
