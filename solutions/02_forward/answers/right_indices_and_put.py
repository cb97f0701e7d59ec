"""Works with the indices of the survivors: flatnonzero, take, put."""

import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.integers(0, 2**53, size=x.shape) >= p * 2**53
    survivors = np.flatnonzero(keep)
    y = np.zeros(x.shape, dtype=x.dtype)
    if survivors.size:
        np.put(y, survivors, np.take(x, survivors) / (1 - p))
    return y, keep
