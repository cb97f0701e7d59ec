"""Seed 0 counts as no seed."""

# fails: no_seed_means_a_new_mask as zero_is_a_seed
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def seeded_dropout(x, p, seed=None):
    rng = np.random.default_rng(seed or None)
    return np.where(rng.random(x.shape) >= p, x / (1 - p), 0)
