"""A slice is taken for a copy."""

# fails: skip_branch_is_untouched as branch_overwritten
from dropgrade.reference.repairs import *  # noqa: F403


def residual_block(x, p, rng):
    h = x[:]
    h[rng.random(x.shape) < p] = 0
    h /= 1 - p
    return x + h
