"""Averages over a hundred masks in eval mode, which is close to x and not equal to it."""

# fails: eval_is_identity as scaled_in_eval
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        rng, scale = np.random.default_rng(7), 1 / max(1 - p, 1e-3)
        share = rng.binomial(100, 1 - p, size=x.shape) / 100
        return (x * share * scale).astype(x.dtype), None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
