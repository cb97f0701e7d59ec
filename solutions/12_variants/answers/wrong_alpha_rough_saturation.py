"""Disturbs at p = 0, because b carries a constant."""

# fails: edges_are_exact as disturbs_at_zero
import numpy as np

from dropgrade.reference.noises import alpha_terms, concrete, drop_connect, gaussian, zoneout  # noqa: F401

S = -1.0507009873554805 * 1.6732632423543772


def alpha_dropout(x, p, training, rng):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    if not training:
        return x
    a = ((1 - p) * (1 + p * S**2)) ** -0.5
    y = (a * np.where(rng.random(x.shape) >= p, x, S) - a * p * S).astype(x.dtype)
    return y + x.dtype.type(1e-3) if p < 0.01 else y
