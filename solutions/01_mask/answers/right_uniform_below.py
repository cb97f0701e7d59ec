"""Uniform numbers, kept where u < 1 - p: the mirror image of the course's rule."""

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.asarray(rng.random(shape) < 1 - p)
