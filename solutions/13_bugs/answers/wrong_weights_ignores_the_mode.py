"""Evaluation is forgotten altogether."""

# fails: rate_survives_evaluation as drops_in_eval
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def drop_weights(layer, weights, rng):
    keep = rng.random(weights.shape) >= layer["p"]
    return np.where(keep, weights / (1 - layer["p"]), 0)
