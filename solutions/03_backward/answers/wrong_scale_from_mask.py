"""Divides by the share of kept entries instead of by 1 - p."""

# fails: gradient_rescaled as scaled_by_observed_rate
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if not keep.any():
        return np.zeros_like(dy)
    return np.where(keep, dy / keep.mean(), 0).astype(dy.dtype)
