"""Names the one with the lower mean loss, whatever the interval says."""

# fails: verdict_follows_the_interval as winner_without_interval
import numpy as np

from dropgrade.reference.uncertainty import ece, mc_logits, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def compare(first, second, labels):
    rows = np.arange(len(labels))
    a, b = (-np.log(probs[rows, labels]) for probs in (first, second))
    d, n = a - b, len(labels)
    mean, half = d.mean(), 1.96 * d.std(ddof=1) / np.sqrt(n)
    verdict = "first" if mean < 0 else "second"
    return mean, mean - half, mean + half, verdict
