"""Writes a rate of its own into the dropout layers of the network it was given."""

# fails: network_unchanged as input_changed_in_place
from dropgrade.reference import uncertainty as right
from dropgrade.reference.uncertainty import compare, ece, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def mc_logits(layers, x, passes, rng):
    for layer in layers:
        if layer["kind"] == "dropout":
            layer["p"] = 0.1
    return right.mc_logits(layers, x, passes, rng)
