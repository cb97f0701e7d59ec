"""Forward and backward are one symmetric linear map: both call the same function."""

import numpy as np


def apply_mask(v, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return v
    scale = v.dtype.type(1 / (1 - p) if p < 1 else 0)
    return np.where(keep, v, v.dtype.type(0)) * scale


def dropout_forward(x, p, training, rng):
    keep = rng.random(x.shape) >= p if training else None
    return apply_mask(x, keep, p), keep


def dropout_backward(dy, keep, p):
    return apply_mask(dy, keep, p)
