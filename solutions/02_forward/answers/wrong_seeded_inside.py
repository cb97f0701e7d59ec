"""Makes its own generator from seed 0, so every step of the training drops the same units."""

# fails: calls_differ as reseeds_each_call
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = np.random.default_rng(0).random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
