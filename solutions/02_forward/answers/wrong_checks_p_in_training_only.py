"""Checks p only in training, so a wrong p stays unseen until eval mode is over."""

# fails: rejects_bad_p as p_not_validated
import numpy as np


def dropout_forward(x, p, training, rng):
    if not training:
        return x, None
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
