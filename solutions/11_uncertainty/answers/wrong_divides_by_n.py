"""Divides the squares by n instead of n - 1."""

# fails: interval_is_paired as interval_width
import numpy as np

from dropgrade.reference.uncertainty import ece, mc_logits, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def compare(first, second, labels):
    rows = np.arange(len(labels))
    a, b = (-np.log(probs[rows, labels]) for probs in (first, second))
    d, n = a - b, len(labels)
    mean, half = d.mean(), 1.96 * d.std() / np.sqrt(n)
    verdict = "first" if mean + half < 0 else "second" if mean - half > 0 else "undecided"
    return mean, mean - half, mean + half, verdict
