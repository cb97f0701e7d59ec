"""Jumps from one dropped entry to the next: the gaps between drops are geometric."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = math.prod(shape)
    keep = np.ones(n, dtype=bool)
    position = -1
    while p > 0 and position < n:
        gaps = rng.geometric(p, size=64 + int(n * p))
        dropped = position + np.cumsum(np.minimum(gaps, n + 1))
        keep[dropped[dropped < n]] = False
        position = dropped[-1]
    return keep.reshape(shape)
