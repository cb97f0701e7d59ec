"""Wakes one unit again wherever a whole row would have been dropped."""

# fails: entries_independent as wrong_rate
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    keep = np.atleast_2d(rng.random(shape) >= p)
    if p < 1 and keep.size:
        empty = ~keep.any(axis=-1)
        keep[empty, 0] = True
    return keep.reshape(shape)
