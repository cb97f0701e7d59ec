"""Takes exp of the logits as they are, which overflows."""

# fails: large_logits as exp_overflows
import numpy as np

from dropgrade.reference.uncertainty import compare, ece, mc_logits, nll, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def predict(logits):
    shares = np.exp(logits)
    return (shares / shares.sum(axis=2, keepdims=True)).mean(axis=0)
