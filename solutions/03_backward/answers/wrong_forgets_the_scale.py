"""Masks the gradient but forgets the scale of the forward pass."""

# fails: gradient_rescaled as gradient_not_rescaled
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    return np.where(keep, dy, 0).astype(dy.dtype)
