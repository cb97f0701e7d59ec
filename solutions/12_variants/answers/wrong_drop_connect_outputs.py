"""Masks the outputs of the layer."""

# fails: drop_connect_draws_each_weight as outputs_dropped_not_weights
import numpy as np

from dropgrade.reference.noises import alpha_dropout, alpha_terms, concrete, gaussian, zoneout  # noqa: F401


def drop_connect(x, w, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x @ w
    if p == 1:
        return np.zeros_like(x @ w)
    y = x @ w
    return np.where(rng.random(y.shape) >= p, y, 0) / (1 - p)
