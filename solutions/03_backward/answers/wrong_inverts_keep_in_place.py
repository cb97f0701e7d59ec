"""Flips the stored mask in place, so a second backward pass sees its opposite."""

# fails: input_unchanged as input_changed_in_place
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    dx = dy / dy.dtype.type(1 - p)
    dx[np.logical_not(keep, out=keep)] = 0
    return dx
