"""Multiplies by 1 - p, as if the backward pass undid the forward pass."""

# fails: gradient_rescaled as scaled_by_keep_prob
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    return np.where(keep, dy * (1 - p), 0).astype(dy.dtype)
