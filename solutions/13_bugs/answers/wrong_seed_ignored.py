"""Every call draws a new mask, with a seed and without."""

# fails: no_seed_means_a_new_mask as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def seeded_dropout(x, p, seed=None):
    return np.where(np.random.default_rng().random(x.shape) >= p, x / (1 - p), 0)
