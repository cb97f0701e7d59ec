"""Draws from NumPy's global generator and ignores rng."""

# fails: only_the_given_rng as global_rng
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.asarray(np.random.random(shape) >= p)
