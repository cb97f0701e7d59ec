"""Brings a forward pass that returns another mask than the one it applied."""

# fails: matches_own_forward as returned_mask_differs
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    applied, returned = rng.random(x.shape) >= p, rng.random(x.shape) >= p
    return np.where(applied, x / (1 - p or 1), 0).astype(x.dtype), returned


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep, dy / (1 - p), 0).astype(dy.dtype)
