"""Modes decided before the first pass, digitize for the bins, groups by np.unique."""

from functools import reduce

import numpy as np

from dropgrade.reference.small_nets import run_layer


def mc_logits(layers, x, passes, rng):
    modes = [(layer, "p" in layer) for layer in layers]
    step = lambda y, pair: run_layer(pair[0], y, pair[1], rng)  # noqa: E731
    return np.stack([reduce(step, modes, x) for _ in range(passes)])


def probabilities(logits):
    with np.errstate(over="ignore"):  # an infinite sum of shares relative to this class means probability 0
        return 1 / np.exp(logits[..., None, :] - logits[..., :, None]).sum(axis=-1)


def predict(logits):
    return probabilities(logits).mean(axis=0)


def uncertainty(logits):
    def bits(probs):
        return np.sum(
            [np.where(p > 0, -p * np.log2(np.maximum(p, 1e-320)), 0) for p in np.moveaxis(probs, -1, 0)], 0
        )

    total = bits(predict(logits)) * np.log(2)
    aleatoric = bits(probabilities(logits)).mean(axis=0) * np.log(2)
    return total, np.where(total > aleatoric, total - aleatoric, 0)


def nll(probs, labels):
    chosen = np.choose(labels, probs.T)
    return -np.log(chosen).sum() / len(labels) if chosen.all() else float("inf")


def ece(probs, labels, bins):
    sure, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    place = np.digitize(sure, np.arange(1, bins) / bins, right=True)
    groups, counts = np.unique(place, return_counts=True)
    gaps = [abs(right[place == g].mean() - sure[place == g].mean()) for g in groups]
    return np.average(gaps, weights=counts)


def compare(first, second, labels):
    d = np.log(np.choose(labels, second.T)) - np.log(np.choose(labels, first.T))
    half = 1.96 * np.std(d, ddof=1) * len(d) ** -0.5
    return (
        d.mean(),
        d.mean() - half,
        d.mean() + half,
        "undecided" if -half <= d.mean() <= half else ("first" if d.mean() < 0 else "second"),
    )
