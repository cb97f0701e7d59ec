"""Returns float64 whatever dtype dy has."""

# fails: dtype_kept as dtype_widened
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    scale = np.array([0.0 if p == 1 else 1 / (1 - p)])
    return np.where(keep, dy, 0) * scale
