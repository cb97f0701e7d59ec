"""One mask is drawn and used in every pass."""

# fails: only_dropout_wakes_up as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def mc_predict(model, x, passes):
    mean, var = model["mean"], model["var"]
    h = (x @ model["w1"] - mean) / np.sqrt(var + 1e-5)
    masks = [model["rng"].random(h.shape) >= model["p"]] * passes

    return np.mean([np.where(keep, h / (1 - model["p"]), 0) @ model["w2"] for keep in masks], axis=0)
