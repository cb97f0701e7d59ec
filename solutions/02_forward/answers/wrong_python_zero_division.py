"""Computes 1 / (1 - p) in Python, which crashes at p = 1."""

# fails: p_one_gives_zeros as p_one_divides_by_zero
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    scale = 1 / (1 - float(p))
    return np.where(keep, x * scale, 0).astype(x.dtype), keep
