"""Drops every k-th entry from a random start."""

# fails: entries_independent as correlated_neighbours
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    position = np.arange(math.prod(shape)) * p + rng.random()
    return (np.floor(position + p) == np.floor(position)).reshape(shape) & (p < 1)
