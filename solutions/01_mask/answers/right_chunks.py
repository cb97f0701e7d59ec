"""Draws in chunks of 1000 so that the uniforms never fill the memory."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    keep = np.empty(math.prod(shape), dtype=bool)
    for start in range(0, keep.size, 1000):
        part = keep[start : start + 1000]
        part[:] = rng.random(part.size) >= p
    return keep.reshape(shape)
