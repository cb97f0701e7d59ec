"""Evaluation multiplies by p instead of 1 - p, as in the browser library."""

# fails: evaluation_shrinks_by_the_keep_probability as eval_scaled_by_p
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def classic_dropout(x, p, training, rng):
    if training:
        return np.where(rng.random(x.shape) >= p, x, 0)
    return x * p
