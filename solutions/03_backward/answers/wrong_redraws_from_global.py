"""Draws a new mask from NumPy's global generator in the backward pass."""

# fails: no_randomness as new_mask_in_backward
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(np.random.rand(*dy.shape) >= p, dy / (1 - p), 0).astype(dy.dtype)
