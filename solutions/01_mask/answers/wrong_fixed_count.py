"""Drops exactly round(p n) entries by shuffling a prepared mask."""

# fails: count_varies as fixed_count
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = math.prod(shape)
    return rng.permutation(np.arange(n) >= round(p * n)).reshape(shape)
