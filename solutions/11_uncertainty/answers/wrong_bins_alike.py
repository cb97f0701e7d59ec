"""Gives each bin that holds examples the same weight."""

# fails: ece_by_the_rule as bins_not_weighted
import numpy as np

from dropgrade.reference.uncertainty import compare, mc_logits, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def ece(probs, labels, bins):
    sure, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    place = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    gaps = []
    for m in np.unique(place):
        inside = place == m
        gaps.append(abs(right[inside].mean() - sure[inside].mean()))
    return np.mean(gaps)
