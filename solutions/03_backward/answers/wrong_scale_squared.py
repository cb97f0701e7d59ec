"""Applies the scale twice."""

# fails: gradient_rescaled as gradient_scaled_twice
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep, dy / (1 - p) ** 2, 0).astype(dy.dtype)
