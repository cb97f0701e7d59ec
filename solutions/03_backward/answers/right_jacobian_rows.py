"""Builds each row's diagonal Jacobian and multiplies, after selecting what may enter."""

import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    dx = np.zeros_like(dy)
    for index in np.ndindex(dy.shape[:-1]):
        kept = np.flatnonzero(keep[index])
        if p < 1 and kept.size:
            diagonal = np.full(kept.size, 1 / (1 - p))
            dx[index][kept] = diagonal * dy[index][kept]
    return dx
