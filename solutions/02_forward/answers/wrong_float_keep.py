"""Returns the mask as floats."""

# fails: returns_output_and_mask as mask_not_bool
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    y = np.zeros_like(x) if p == 1 else np.where(keep, x / (1 - p), 0)
    return y.astype(x.dtype), keep.astype(x.dtype)
