"""Walks through x in memory order and writes in row order: a transposed x comes back shuffled."""

# fails: shapes_and_layouts as None
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.size) >= p
    y = np.zeros(x.size, dtype=x.dtype)
    np.divide(x.ravel(order="K"), x.dtype.type(1 - p), out=y, where=keep)
    return y.reshape(x.shape), keep.reshape(x.shape)
