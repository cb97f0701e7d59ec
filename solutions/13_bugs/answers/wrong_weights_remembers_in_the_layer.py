"""The rate is kept safe in a second entry of the layer."""

# fails: rate_survives_evaluation as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def drop_weights(layer, weights, rng):
    layer.setdefault("rate", layer["p"])
    p = layer["rate"] if layer["training"] else 0.0
    keep = rng.random(weights.shape) >= p
    return np.where(keep, weights / (1 - p), 0)
