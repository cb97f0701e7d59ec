"""Lets one random number decide four neighbours."""

# fails: entries_independent as correlated_neighbours
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = math.prod(shape)
    return np.repeat(rng.random(n // 4 + 1) >= p, 4)[:n].reshape(shape)
