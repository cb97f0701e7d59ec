"""The copy is made in float64."""

# fails: skip_branch_is_untouched as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def residual_block(x, p, rng):
    h = np.array(x, dtype=np.float64)
    h[rng.random(x.shape) < p] = 0
    h /= 1 - p
    return x + h
