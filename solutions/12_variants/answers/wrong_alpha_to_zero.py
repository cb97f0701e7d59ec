"""Drops to zero as plain dropout does, then applies a and b."""

# fails: alpha_contract as alpha_drops_to_zero
import numpy as np

from dropgrade.reference.noises import alpha_terms, concrete, drop_connect, gaussian, zoneout  # noqa: F401

S = -1.0507009873554805 * 1.6732632423543772


def alpha_dropout(x, p, training, rng):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    if not training:
        return x
    a = ((1 - p) * (1 + p * S**2)) ** -0.5
    return (a * np.where(rng.random(x.shape) >= p, x, 0) - a * p * S).astype(x.dtype)
