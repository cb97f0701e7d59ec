"""Lets gaps of opposite sign cancel."""

# fails: ece_by_the_rule as signed_gaps
import numpy as np

from dropgrade.reference.uncertainty import compare, mc_logits, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def ece(probs, labels, bins):
    sure, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    place = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    gaps, shares = [], []
    for m in np.unique(place):
        inside = place == m
        gaps.append(right[inside].mean() - sure[inside].mean())
        shares.append(inside.mean())
    return abs(np.dot(shares, gaps))
