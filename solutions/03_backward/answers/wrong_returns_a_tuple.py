"""Returns the gradient together with the mask."""

# fails: returns_gradient as wrong_return
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy, keep
    dx = np.zeros_like(dy)
    if p < 1:
        dx[keep] = dy[keep] / (1 - p)
    return dx, keep
