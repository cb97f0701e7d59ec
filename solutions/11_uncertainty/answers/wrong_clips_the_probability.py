"""Clips probabilities at 1e-12, so that no loss exceeds 28."""

# fails: impossible_label as hides_infinite_loss
import numpy as np

from dropgrade.reference.uncertainty import compare, ece, mc_logits, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def nll(probs, labels):
    return -np.log(np.clip(probs[np.arange(len(labels)), labels], 1e-12, 1)).mean()
