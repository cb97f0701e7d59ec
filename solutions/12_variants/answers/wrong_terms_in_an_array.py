"""Returns a and b with a third number."""

# fails: returns_arrays as wrong_return
from dropgrade.reference.noises import alpha_dropout, concrete, drop_connect, gaussian, zoneout  # noqa: F401

S = -1.0507009873554805 * 1.6732632423543772


def alpha_terms(p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    a = ((1 - p) * (1 + p * S**2)) ** -0.5
    return a, -a * p * S, S
