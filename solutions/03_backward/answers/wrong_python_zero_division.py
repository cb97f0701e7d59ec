"""Computes 1 / (1 - p) in Python, which crashes at p = 1."""

# fails: edges_are_exact as p_one_divides_by_zero
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    return np.where(keep, dy * (1 / (1 - float(p))), 0).astype(dy.dtype)
