"""Dropout is applied after the addition."""

# fails: skip_branch_is_untouched as branch_overwritten
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def residual_block(x, p, rng):
    return np.where(rng.random(x.shape) >= p, (x + x) / (1 - p), 0)
