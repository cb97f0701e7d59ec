"""Draws one mask of the weights for the whole batch."""

# fails: drop_connect_draws_each_weight as one_mask_for_the_batch
import numpy as np

from dropgrade.reference.noises import alpha_dropout, alpha_terms, concrete, gaussian, zoneout  # noqa: F401


def drop_connect(x, w, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x @ w
    if p == 1:
        return np.zeros_like(x @ w)
    return x @ np.where(rng.random(w.shape) >= p, w, 0) / (1 - p)
