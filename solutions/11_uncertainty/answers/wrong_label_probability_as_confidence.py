"""Takes the probability of the label for the confidence."""

# fails: ece_by_the_rule as confidence_instead_of_label
import numpy as np

from dropgrade.reference.uncertainty import compare, mc_logits, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def ece(probs, labels, bins):
    sure, right = probs[np.arange(len(labels)), labels], probs.argmax(axis=1) == labels
    place = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    gaps, shares = [], []
    for m in np.unique(place):
        inside = place == m
        gaps.append(abs(right[inside].mean() - sure[inside].mean()))
        shares.append(inside.mean())
    return np.dot(shares, gaps)
