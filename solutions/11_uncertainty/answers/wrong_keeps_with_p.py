"""Keeps with probability p instead of dropping with it."""

# fails: every_dropout_layer_drops as keep_drop_swapped
import numpy as np

from dropgrade.reference.small_nets import run_layer
from dropgrade.reference.uncertainty import compare, ece, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def mc_logits(layers, x, passes, rng):
    y = np.tile(x, (passes, 1))
    for layer in layers:
        if layer["kind"] == "dropout":
            p = layer["p"]
            y = np.where((rng.random(y.shape) < p) | (p == 0), y / (1 - p), 0)
        else:
            y = run_layer(layer, y, False, rng)
    return y.reshape(passes, len(x), -1)
