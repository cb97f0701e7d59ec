"""Drops one contiguous block that starts at a random place."""

# fails: entries_independent as contiguous_block
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = math.prod(shape)
    start = rng.integers(0, max(n, 1))
    return np.roll(np.arange(n) >= round(p * n), start).reshape(shape)
