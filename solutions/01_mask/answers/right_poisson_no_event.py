"""Kept when a Poisson counter with rate -log(1 - p) has seen no event."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if p == 1:
        return np.zeros(shape, dtype=bool)
    return np.asarray(rng.poisson(-math.log1p(-p), size=shape) == 0)
