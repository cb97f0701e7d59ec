"""Checks p < 0 and p > 1, which lets NaN through."""

# fails: rejects_bad_p as nan_not_rejected
import numpy as np


def dropout_backward(dy, keep, p):
    if p < 0 or p > 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep, dy / (1 - p), 0).astype(dy.dtype)
