"""Returns at least float32, so half-precision inputs come back twice as large."""

# fails: dtype_kept as dtype_widened
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    scale = np.array([1 / (1 - p)], dtype=np.float32)
    return np.where(keep, x, x.dtype.type(0)) * scale, keep
