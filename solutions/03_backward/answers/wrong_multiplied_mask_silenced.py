"""Multiplies by the mask and silences the warning: inf times zero is still NaN."""

# fails: nonfinite_gradient_dropped as multiplies_instead_of_selects
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    scale = 1 / (1 - p) if p < 1 else 0.0
    with np.errstate(invalid="ignore"):
        return dy * keep * dy.dtype.type(scale)
