"""Multiplies by the standard deviation of the mixture instead of dividing."""

# fails: alpha_terms_are_right as variance_not_inverted
from dropgrade.reference.noises import alpha_dropout, concrete, drop_connect, gaussian, zoneout  # noqa: F401

S = -1.0507009873554805 * 1.6732632423543772


def alpha_terms(p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    a = ((1 - p) * (1 + p * S**2)) ** 0.5
    return a, -a * p * S
