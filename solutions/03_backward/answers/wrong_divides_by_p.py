"""Divides by p instead of by 1 - p."""

# fails: gradient_rescaled as scaled_by_drop_prob
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    return np.where(keep, dy / (p or 1), 0).astype(dy.dtype)
