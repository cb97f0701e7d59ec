"""Returns float64 whatever it was given, because the scale is a float64 array."""

# fails: dtype_kept as dtype_widened
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    scale = np.full(x.shape, 0.0 if p == 1 else 1 / (1 - p))
    return np.where(keep, x, 0) * scale, keep
