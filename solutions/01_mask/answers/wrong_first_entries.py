"""Drops the first round(p n) entries: no randomness at all."""

# fails: entries_independent as contiguous_block
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = math.prod(shape)
    return (np.arange(n) >= round(p * n)).reshape(shape)
