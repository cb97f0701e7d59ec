"""Draws from NumPy's global generator, as in np.random.rand(*x.shape)."""

# fails: only_the_given_rng as global_rng
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = np.random.rand(*x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
