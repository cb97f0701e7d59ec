"""Recursion over the rows: a vector is dropped out, an array is a stack of smaller ones."""

import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    y, keep = np.zeros_like(x), np.zeros(x.shape, dtype=bool)
    _fill(x, y, keep, p, rng)
    return y, keep


def _fill(x, y, keep, p, rng):
    if x.ndim > 1:
        for parts in zip(x, y, keep, strict=True):
            _fill(*parts, p, rng)
        return
    keep[...] = rng.random(x.shape) >= p
    y[keep] = x[keep] / (1 - p) if p < 1 else 0
