"""numpy.ma carries the mask; the holes are filled with zero at the end."""

import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    gradient = np.ma.MaskedArray(dy, mask=~keep | (p == 1))
    return (gradient * (1 / (1 - p) if p < 1 else 1)).filled(0).astype(dy.dtype)
