"""Draws half of the mask and mirrors it to fill the other half."""

# fails: entries_independent as correlated_neighbours
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = math.prod(shape)
    half = rng.random((n + 1) // 2) >= p
    return np.concatenate([half, half[: n // 2][::-1]]).reshape(shape)
