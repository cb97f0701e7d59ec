"""Has no bin for a confidence of exactly 1."""

# fails: ece_edges as bin_edges

from dropgrade.reference.uncertainty import compare, mc_logits, nll, predict, uncertainty

__all__ = ["compare", "ece", "mc_logits", "nll", "predict", "uncertainty"]


def ece(probs, labels, bins):
    sure, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    total = 0.0
    for m in range(1, bins + 1):
        inside = ((m - 1) / bins < sure) & (sure <= m / bins) & (sure < 1)
        total += abs(right[inside].sum() - sure[inside].sum())
    return total / len(labels)
