"""Hands over the mean of the passes instead of each of them."""

# fails: returns_logits as wrong_shape
from dropgrade.reference import uncertainty as right
from dropgrade.reference.uncertainty import compare, ece, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def mc_logits(layers, x, passes, rng):
    return right.mc_logits(layers, x, passes, rng).mean(axis=0)
