"""Feeds the index into a linear congruence of 16 bits instead of drawing."""

# fails: entries_independent as correlated_neighbours
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    index = np.arange(math.prod(shape), dtype=np.uint64) + rng.integers(0, 2**16, dtype=np.uint64)
    word = (index * np.uint64(1103515245) + np.uint64(12345)) % np.uint64(2**16)
    return (word >= np.uint64(round(p * 2**16))).reshape(shape)
