"""Returns no mask in training when p = 0, to save work."""

# fails: p_zero_keeps_all as no_mask_at_p_zero
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training or p == 0:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
