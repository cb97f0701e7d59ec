"""Counts a confidence on an edge to the bin above it."""

# fails: ece_edges as bin_edges
import numpy as np

from dropgrade.reference.uncertainty import compare, mc_logits, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def ece(probs, labels, bins):
    sure, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    place = np.clip(np.floor(sure * bins).astype(int), 0, bins - 1)
    gaps, shares = [], []
    for m in np.unique(place):
        inside = place == m
        gaps.append(abs(right[inside].mean() - sure[inside].mean()))
        shares.append(inside.mean())
    return np.dot(shares, gaps)
