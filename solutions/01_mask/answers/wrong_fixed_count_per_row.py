"""Drops the same number of units in every row."""

# fails: count_varies as fixed_count
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    ranks = rng.random(shape).argsort(axis=-1).argsort(axis=-1)
    return np.asarray(ranks >= round(p * shape[-1]))
