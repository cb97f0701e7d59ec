"""Treats the two losses as unrelated samples, which makes the interval too wide."""

# fails: interval_is_paired as unpaired_interval
import numpy as np

from dropgrade.reference.uncertainty import ece, mc_logits, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def compare(first, second, labels):
    rows = np.arange(len(labels))
    a, b = (-np.log(probs[rows, labels]) for probs in (first, second))
    d, n = a - b, len(labels)
    mean, half = d.mean(), 1.96 * np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / n)
    verdict = "first" if mean + half < 0 else "second" if mean - half > 0 else "undecided"
    return mean, mean - half, mean + half, verdict
