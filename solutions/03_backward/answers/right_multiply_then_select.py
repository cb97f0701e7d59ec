"""A copy is scaled where kept and zeroed where dropped."""

import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    dx = np.array(dy)
    if keep is not None:
        dx[~keep] = 0
        dx *= 1 / (1 - p) if p != 1 else 0
    return dx
