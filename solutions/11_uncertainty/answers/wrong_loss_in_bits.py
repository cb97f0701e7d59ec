"""Gives the loss in bits."""

# fails: nll_of_the_label as log_base
import numpy as np

from dropgrade.reference.uncertainty import compare, ece, mc_logits, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def nll(probs, labels):
    with np.errstate(divide="ignore"):
        return -np.log2(probs[np.arange(len(labels)), labels]).mean()
