"""Walks through dy in memory order and through keep in row order: a transposed dy is shuffled."""

# fails: shapes_and_layouts as None
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    dx = np.zeros(dy.size, dtype=dy.dtype)
    np.divide(dy.ravel(order="K"), dy.dtype.type(1 - p), out=dx, where=keep.ravel())
    return dx.reshape(dy.shape)
