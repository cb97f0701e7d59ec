"""Returns the variance of the probabilities, summed over the classes, as information."""

# fails: information_is_the_gap as variance_for_information
from dropgrade.reference.uncertainty import compare, ece, entropy, mc_logits, nll, predict, softmax

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def uncertainty(logits):
    probs = softmax(logits)
    return entropy(probs.mean(axis=0)), probs.var(axis=0).sum(axis=1)
