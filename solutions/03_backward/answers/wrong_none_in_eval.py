"""Returns None in eval mode."""

# fails: eval_passes_gradient as none_not_handled
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return None
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep, dy / (1 - p), 0).astype(dy.dtype)
