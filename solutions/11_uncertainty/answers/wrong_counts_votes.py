"""Lets each pass vote for its favourite class."""

# fails: averages_probabilities as counts_votes
import numpy as np

from dropgrade.reference.uncertainty import compare, ece, mc_logits, nll, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def predict(logits):
    return np.eye(logits.shape[2])[logits.argmax(axis=2)].mean(axis=0)
