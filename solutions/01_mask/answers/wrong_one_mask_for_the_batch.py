"""Draws one row of flags and uses it for every example of the batch."""

# fails: rows_differ as one_mask_for_the_batch
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    row = rng.random((1, *shape[1:])) >= p
    return np.broadcast_to(row, shape).copy()
