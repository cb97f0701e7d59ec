"""Computes in double precision and rounds once to dy's dtype."""

import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return np.array(dy, copy=True)
    if not p < 1:
        return dy.dtype.type(0) * np.ones(dy.shape, dy.dtype)
    selected = np.where(keep, np.asarray(dy, dtype=np.float64), 0.0)
    return (selected / (1.0 - p)).astype(dy.dtype)
