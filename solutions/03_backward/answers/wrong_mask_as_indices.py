"""Turns the flags into integers, so they pick rows 0 and 1 instead of masking."""

# fails: gradient_uses_given_mask as None
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    dx = np.zeros_like(dy)
    dx[keep.astype(int)] = dy[keep.astype(int)] / (1 - p)
    return dx
