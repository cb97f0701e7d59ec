"""Divides by 1 - p in eval mode too, where nothing was dropped."""

# fails: eval_is_identity as scaled_in_eval
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    scale = 1 / (1 - p) if p < 1 else 1
    if not training:
        return (x * scale).astype(x.dtype), None
    keep = rng.random(x.shape) >= p
    return np.where(keep, x * scale, 0).astype(x.dtype), keep
