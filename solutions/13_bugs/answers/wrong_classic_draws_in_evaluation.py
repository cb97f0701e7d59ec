"""The mask is drawn in both modes, so that evaluation uses up random numbers."""

# fails: evaluation_shrinks_by_the_keep_probability as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def classic_dropout(x, p, training, rng):
    keep = rng.random(x.shape) >= p
    return np.where(keep, x, 0) if training else x * (1 - p)
