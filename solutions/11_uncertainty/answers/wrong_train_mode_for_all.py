"""Puts the whole network into training mode, batch normalisation too."""

# fails: batchnorm_stays_in_evaluation as wakes_batchnorm
import numpy as np

from dropgrade.reference.small_nets import run_layer
from dropgrade.reference.uncertainty import compare, ece, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def mc_logits(layers, x, passes, rng):
    logits = []
    for _ in range(passes):
        y = x
        for layer in layers:
            y = run_layer(layer, y, True, rng)
        logits.append(y)
    return np.stack(logits)
