"""Remembers the mask of the first backward pass and uses it for ever."""

# fails: gradient_uses_given_mask as frozen_mask
import numpy as np

masks = {}


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    first = masks.setdefault((dy.shape, p), keep.copy())
    return np.where(first, dy / (1 - p), 0).astype(dy.dtype)
