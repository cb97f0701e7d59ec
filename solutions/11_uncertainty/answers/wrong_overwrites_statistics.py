"""Runs the batch through batch normalisation in training mode first, which overwrites what it has stored."""

# fails: network_unchanged as wakes_batchnorm
import numpy as np

from dropgrade.reference.small_nets import run_layer
from dropgrade.reference.uncertainty import compare, ece, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def mc_logits(layers, x, passes, rng):
    logits = []
    for _ in range(passes):
        y = x
        for layer in layers:
            run_layer(layer, y, True, rng)  # "to warm it up"
            y = run_layer(layer, y, layer["kind"] == "dropout", rng)
        logits.append(y)
    return np.stack(logits)
