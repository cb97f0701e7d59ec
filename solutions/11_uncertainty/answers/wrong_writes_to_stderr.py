"""Reports its progress on stderr."""

# fails: quiet as noisy
import sys

from dropgrade.reference.uncertainty import compare, ece, mc_logits, nll, softmax, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def predict(logits):
    print("averaging", len(logits), "passes", file=sys.stderr)
    return softmax(logits).mean(axis=0)
