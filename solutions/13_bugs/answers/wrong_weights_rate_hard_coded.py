"""Training writes a rate back, the default of the class."""

# fails: rate_survives_evaluation as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def drop_weights(layer, weights, rng):
    layer["p"] = 0.1 if layer["training"] else 0.0
    keep = rng.random(weights.shape) >= layer["p"]
    return np.where(keep, weights / (1 - layer["p"]), 0)
