"""Switches on the last dropout layer alone."""

# fails: every_dropout_layer_drops as not_every_dropout_layer
import numpy as np

from dropgrade.reference.small_nets import run_layer
from dropgrade.reference.uncertainty import compare, ece, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def mc_logits(layers, x, passes, rng):
    last = max(number for number, layer in enumerate(layers) if layer["kind"] == "dropout")
    logits = []
    for _ in range(passes):
        y = x
        for number, layer in enumerate(layers):
            y = run_layer(layer, y, number == last, rng)
        logits.append(y)
    return np.stack(logits)
