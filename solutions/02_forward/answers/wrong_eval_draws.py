"""Draws the mask before it looks at training, so eval mode uses up random numbers."""

# fails: eval_draws_nothing as draws_in_eval
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    keep = rng.random(x.shape) >= p
    if not training:
        return x, None
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
