"""The whole model is put into training mode, batch normalisation included."""

# fails: only_dropout_wakes_up as batchnorm_woken
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def mc_predict(model, x, passes):
    model["training"] = True
    outputs = []
    for _ in range(passes):
        h = x @ model["w1"]
        if model["training"]:
            mean, var = h.mean(axis=0), h.var(axis=0)
            model["mean"] = 0.9 * model["mean"] + 0.1 * mean
            model["var"] = 0.9 * model["var"] + 0.1 * var
        else:
            mean, var = model["mean"], model["var"]
        h = (h - mean) / np.sqrt(var + 1e-5)
        if model["training"]:
            keep = model["rng"].random(h.shape) >= model["p"]
            h = np.where(keep, h / (1 - model["p"]), 0)
        outputs.append(h @ model["w2"])
    model["training"] = False
    return np.mean(outputs, axis=0)
