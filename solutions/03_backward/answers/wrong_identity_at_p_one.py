"""Returns dy at p = 1, where no gradient can flow."""

# fails: edges_are_exact as gradient_ignores_mask
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None or p == 1:
        return dy
    return np.where(keep, dy / (1 - p), 0).astype(dy.dtype)
