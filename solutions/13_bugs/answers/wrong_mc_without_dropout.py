"""The whole model sleeps, dropout included."""

# fails: only_dropout_wakes_up as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def mc_predict(model, x, passes):
    h = (x @ model["w1"] - model["mean"]) / np.sqrt(model["var"] + 1e-5)
    return np.mean([h @ model["w2"] for _ in range(passes)], axis=0)
