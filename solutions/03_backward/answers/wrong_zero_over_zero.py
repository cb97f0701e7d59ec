"""Divides the masked gradient by 1 - p, which is 0 / 0 at p = 1."""

# fails: edges_are_exact as p_one_divides_by_zero
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    return np.where(keep, dy, 0).astype(dy.dtype) / dy.dtype.type(1 - p)
