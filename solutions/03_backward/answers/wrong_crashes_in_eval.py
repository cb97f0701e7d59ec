"""Uses keep without asking whether it is None."""

# fails: eval_passes_gradient as none_not_handled
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    dx = np.zeros_like(dy)
    if p < 1:
        dx[keep.nonzero()] = dy[keep.nonzero()] / (1 - p)
    return dx
