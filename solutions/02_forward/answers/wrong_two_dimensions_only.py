"""Unpacks the shape into rows and columns, so vectors and images crash."""

# fails: shapes_and_layouts as crashes
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    n_examples, n_units = x.shape
    keep = rng.random((n_examples, n_units)) >= p
    y = np.zeros((n_examples, n_units), dtype=x.dtype)
    np.divide(x, x.dtype.type(1 - p), out=y, where=keep)
    return y, keep
