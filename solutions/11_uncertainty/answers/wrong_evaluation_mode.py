"""Leaves the network in evaluation mode, so nothing is dropped."""

# fails: every_dropout_layer_drops as dropout_off_at_test
import numpy as np

from dropgrade.reference.small_nets import run_layer
from dropgrade.reference.uncertainty import compare, ece, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def mc_logits(layers, x, passes, rng):
    logits = []
    for _ in range(passes):
        y = x
        for layer in layers:
            y = run_layer(layer, y, False, rng)
        logits.append(y)
    return np.stack(logits)
