"""Chooses round(p n) places without replacement."""

# fails: count_varies as fixed_count
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    keep = np.ones(math.prod(shape), dtype=bool)
    keep[rng.permutation(keep.size)[: round(p * keep.size)]] = False
    return keep.reshape(shape)
