"""Evaluation overwrites the rate with 0."""

# fails: rate_survives_evaluation as rate_lost_after_eval
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def drop_weights(layer, weights, rng):
    if not layer["training"]:
        layer["p"] = 0.0
    keep = rng.random(weights.shape) >= layer["p"]
    return np.where(keep, weights / (1 - layer["p"]), 0)
