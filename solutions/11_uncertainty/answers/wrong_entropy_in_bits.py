"""Uses logarithms to base 2."""

# fails: entropy_of_the_average as log_base
import numpy as np

from dropgrade.reference import uncertainty as right
from dropgrade.reference.uncertainty import compare, ece, mc_logits, nll, predict

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def uncertainty(logits):
    total, information = right.uncertainty(logits)
    return total / np.log(2), information / np.log(2)
