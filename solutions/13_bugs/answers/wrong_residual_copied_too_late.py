"""The sum is right, but the caller's array is still overwritten."""

# fails: skip_branch_is_untouched as branch_overwritten
from dropgrade.reference.repairs import *  # noqa: F403


def residual_block(x, p, rng):
    skip = x.copy()
    x[rng.random(x.shape) < p] = 0
    x /= 1 - p
    return skip + x
