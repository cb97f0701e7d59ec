"""Cleans the gradient with nan_to_num, which hides a kept NaN or inf."""

# fails: nonfinite_gradient_dropped as hides_nonfinite
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep, np.nan_to_num(dy) / (1 - p), 0).astype(dy.dtype)
