"""Returns the largest gap, which is the maximum calibration error."""

# fails: ece_by_the_rule as largest_gap_only
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
    return max(gaps)
