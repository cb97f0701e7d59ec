"""Draws one flag an example, so a whole row stays or goes."""

# fails: entries_independent as one_mask_per_row
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    column = rng.random((shape[0],) + (1,) * (len(shape) - 1)) >= p
    return np.broadcast_to(column, shape).copy()
