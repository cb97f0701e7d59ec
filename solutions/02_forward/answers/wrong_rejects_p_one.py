"""Refuses p = 1 although it is a legal probability."""

# fails: p_one_gives_zeros as p_edges_rejected
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
