"""Works with the flat indices of the survivors."""

import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    dx = np.zeros(dy.shape, dtype=dy.dtype)
    survivors = np.flatnonzero(keep) if p < 1 else np.array([], dtype=int)
    np.put(dx, survivors, np.take(dy, survivors) / (1 - p or 1))
    return dx
