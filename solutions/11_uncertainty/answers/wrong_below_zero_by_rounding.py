"""Leaves what rounding makes of information 0, now and then a tiny negative number."""

# fails: information_keeps_its_bounds as negative_information
from dropgrade.reference.uncertainty import compare, ece, entropy, mc_logits, nll, predict, softmax

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def uncertainty(logits):
    probs = softmax(logits)
    total = entropy(probs.mean(axis=0))
    return total, total - entropy(probs).mean(axis=0)
