"""Leaves the factor a out of b."""

# fails: alpha_terms_are_right as shift_not_scaled
from dropgrade.reference.noises import alpha_dropout, concrete, drop_connect, gaussian, zoneout  # noqa: F401

S = -1.0507009873554805 * 1.6732632423543772


def alpha_terms(p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    return ((1 - p) * (1 + p * S**2)) ** -0.5, -p * S
