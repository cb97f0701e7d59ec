"""A plain Python loop over pairs of gradient and flag."""

import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    pairs = zip(dy.ravel().tolist(), keep.ravel().tolist(), strict=True)
    flat = [g / (1 - p) if kept and p < 1 else 0.0 for g, kept in pairs]
    return np.array(flat, dtype=dy.dtype).reshape(dy.shape)
