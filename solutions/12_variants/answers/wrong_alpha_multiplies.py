"""Adds the two halves of the mixture, so that a dropped inf leaves a NaN."""

# fails: dropped_values_leave_no_trace as multiplies_instead_of_selects
import numpy as np

from dropgrade.reference.noises import alpha_terms, concrete, drop_connect, gaussian, zoneout  # noqa: F401

S = -1.0507009873554805 * 1.6732632423543772


def alpha_dropout(x, p, training, rng):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    if not training:
        return x
    a = ((1 - p) * (1 + p * S**2)) ** -0.5
    keep = rng.random(x.shape) >= p
    with np.errstate(invalid="ignore"):
        return (a * (x * keep + S * ~keep) - a * p * S).astype(x.dtype)
