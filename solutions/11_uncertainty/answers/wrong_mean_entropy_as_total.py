"""Averages the entropies of the passes where the entropy of the average is asked for."""

# fails: entropy_of_the_average as entropies_confused
import numpy as np

from dropgrade.reference.uncertainty import compare, ece, entropy, mc_logits, nll, predict, softmax

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def uncertainty(logits):
    probs = softmax(logits)
    each = entropy(probs).mean(axis=0)
    return each, np.clip(entropy(probs.mean(axis=0)) - each, 0, None)
