"""Uniform numbers, kept where u > p: differs from >= once in 2**53 draws."""

import numpy as np


def keep_mask(shape, p, rng):
    if p < 0 or p > 1 or p != p:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.greater(rng.random(shape), p)
