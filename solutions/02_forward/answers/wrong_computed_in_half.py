"""Keeps the dtype but computes in half precision on the way."""

# fails: kept_entries_rescaled as wrong_scale
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    y = np.where(keep, x.astype(np.float16) / np.float16(1 - p), np.float16(0))
    return y.astype(x.dtype), keep
