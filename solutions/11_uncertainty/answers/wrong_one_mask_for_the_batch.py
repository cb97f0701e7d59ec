"""Draws one mask in each pass and uses it for all examples."""

# fails: masks_are_independent as one_mask_for_the_batch
import numpy as np

from dropgrade.reference.small_nets import run_layer
from dropgrade.reference.uncertainty import compare, ece, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def mc_logits(layers, x, passes, rng):
    logits = []
    for _ in range(passes):
        y = x
        for layer in layers:
            if layer["kind"] == "dropout":
                y = y * (rng.random(y.shape[1]) >= layer["p"]) / (1 - layer["p"])
            else:
                y = run_layer(layer, y, False, rng)
        logits.append(y)
    return np.stack(logits)
