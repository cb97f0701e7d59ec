"""Allocates once and lets NumPy write into the buffers it is given."""

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    u, keep = np.empty(shape), np.empty(shape, dtype=np.bool_)
    rng.random(out=u)
    np.less(u, p, out=keep)
    return np.logical_not(keep, out=keep)
