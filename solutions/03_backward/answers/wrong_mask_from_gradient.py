"""Guesses the mask from dy != 0 instead of using keep."""

# fails: gradient_uses_given_mask as gradient_ignores_mask
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(dy != 0, dy / (1 - p), 0).astype(dy.dtype)
