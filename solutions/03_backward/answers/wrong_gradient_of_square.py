"""Differentiates as if the mask were applied twice: keep times y, not keep times dy."""

# fails: gradient_rescaled as wrong_scale
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep, dy * dy / (1 - p), 0).astype(dy.dtype)
