"""Selects the zeros by writing them into the caller's array."""

# fails: zeros_are_selected as input_changed_in_place
from dropgrade.reference.repairs import *  # noqa: F403


def drop(x, p, rng):
    x[rng.random(x.shape) < p] = 0
    return x if p == 1 else x / x.dtype.type(1 - p)
