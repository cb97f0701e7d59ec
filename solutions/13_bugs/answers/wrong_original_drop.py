"""The mask is multiplied in, and p = 1 divides zero by zero."""

# fails: zeros_are_selected as zero_times_infinity
from dropgrade.reference.repairs import *  # noqa: F403


def drop(x, p, rng):
    keep = rng.random(x.shape) >= p
    return x * keep / (1 - p)
