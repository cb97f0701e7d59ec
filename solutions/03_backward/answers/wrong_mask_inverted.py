"""Lets the gradient flow through the dropped entries instead of the kept ones."""

# fails: gradient_uses_given_mask as keep_drop_swapped
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep, 0, dy / (1 - p)).astype(dy.dtype)
