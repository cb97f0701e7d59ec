"""Recursion over the leading axis down to vectors."""

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return _rows(shape, p, rng)


def _rows(shape, p, rng):
    if len(shape) < 2:
        return np.asarray(rng.uniform(size=shape) >= p)
    keep = np.empty(shape, dtype=bool)
    for row in keep:
        row[...] = _rows(shape[1:], p, rng)
    return keep
