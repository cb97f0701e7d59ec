"""The seed is given to NumPy's global generator."""

# fails: no_seed_means_a_new_mask as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def seeded_dropout(x, p, seed=None):
    if seed is not None:
        np.random.seed(seed % 2**32)
    return np.where(np.random.random(x.shape) >= p, x / (1 - p), 0)
