"""The repair turns classic dropout into inverted dropout."""

# fails: evaluation_shrinks_by_the_keep_probability as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def classic_dropout(x, p, training, rng):
    if training:
        return np.where(rng.random(x.shape) >= p, x / max(1 - p, 1e-12), 0)
    return x
