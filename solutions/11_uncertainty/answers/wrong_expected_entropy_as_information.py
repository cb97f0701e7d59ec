"""Returns the mean of the entropies, the part that is no disagreement, as information."""

# fails: information_is_the_gap as entropies_confused
from dropgrade.reference.uncertainty import compare, ece, entropy, mc_logits, nll, predict, softmax

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def uncertainty(logits):
    probs = softmax(logits)
    return entropy(probs.mean(axis=0)), entropy(probs).mean(axis=0)
