"""Remembers the first mask of each shape and p and applies it for ever."""

# fails: calls_differ as frozen_mask
import numpy as np

masks = {}


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = masks.setdefault((x.shape, p), rng.random(x.shape) >= p).copy()
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
