"""Adds the losses instead of averaging them."""

# fails: nll_of_the_label as loss_not_a_mean
import numpy as np

from dropgrade.reference.uncertainty import compare, ece, mc_logits, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def nll(probs, labels):
    with np.errstate(divide="ignore"):
        return -np.log(probs[np.arange(len(labels)), labels]).sum()
