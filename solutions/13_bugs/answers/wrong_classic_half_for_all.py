"""Evaluation multiplies by 0.5 whatever the rate is, as a published model did."""

# fails: evaluation_shrinks_by_the_keep_probability as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def classic_dropout(x, p, training, rng):
    if training:
        return np.where(rng.random(x.shape) >= p, x, 0)
    return x * 0.5
