"""Adds a small number to 1 - p so that nothing divides by zero, and shifts every scale a little."""

# fails: kept_entries_rescaled as wrong_scale
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    return np.where(keep, x / (1 - p + 1e-4), 0).astype(x.dtype), keep
