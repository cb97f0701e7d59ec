"""Keeps the dtype but rounds the gradient to half precision on the way."""

# fails: gradient_rescaled as wrong_scale
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    half = np.where(keep, dy, 0).astype(np.float16)
    return (half / np.float16(1 - p)).astype(dy.dtype)
