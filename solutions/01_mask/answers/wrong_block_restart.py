"""Repeats the same 1024 flags, like a kernel that forgets its block number."""

# fails: entries_independent as correlated_neighbours
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.resize(rng.random(1024) >= p, shape)
