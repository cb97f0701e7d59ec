"""Draws a new mask in the backward pass, from a generator of its own."""

# fails: gradient_uses_given_mask as new_mask_in_backward
import numpy as np

generator = np.random.default_rng(2014)


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    again = generator.random(dy.shape) >= p
    return np.where(again, dy / (1 - p), 0).astype(dy.dtype)
