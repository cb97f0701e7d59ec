"""Keeps a record of the largest gradient, which an empty batch does not have."""

# fails: shapes_and_layouts as crashes
import numpy as np

largest = []


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    largest.append(np.abs(dy).max())
    dx = np.zeros_like(dy)
    np.divide(dy, dy.dtype.type(1 - p), out=dx, where=keep)
    return dx
