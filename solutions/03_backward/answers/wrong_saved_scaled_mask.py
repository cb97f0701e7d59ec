"""Expects the mask already scaled, as CS231n stores it, and only multiplies by it."""

# fails: gradient_rescaled as gradient_not_rescaled
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    return np.where(keep != 0, dy * keep.astype(dy.dtype), 0).astype(dy.dtype)
