"""Drops to the saturation value and stops there."""

# fails: alpha_contract as affine_missing
import numpy as np

from dropgrade.reference.noises import alpha_terms, concrete, drop_connect, gaussian, zoneout  # noqa: F401

S = -1.0507009873554805 * 1.6732632423543772


def alpha_dropout(x, p, training, rng):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    if not training:
        return x
    return np.where(rng.random(x.shape) >= p, x, S).astype(x.dtype)
