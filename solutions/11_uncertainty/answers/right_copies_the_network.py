"""A class that copies the network and wraps its layers, and sorting for the bins."""

import copy

import numpy as np

from dropgrade.reference import small_nets


class Sampler:
    def __init__(self, layers, rng):
        self.layers, self.rng = copy.deepcopy(layers), rng

    def __call__(self, y):
        for layer in self.layers:
            y = small_nets.run_layer(layer, y, layer["kind"] == "dropout", self.rng)
        return y


def mc_logits(layers, x, passes, rng):
    sampler = Sampler(layers, rng)
    return np.concatenate([sampler(x)[None] for _ in range(passes)])


def predict(logits):
    top = logits.max(axis=2, keepdims=True)
    return np.exp(logits - top - np.log(np.exp(logits - top).sum(axis=2, keepdims=True))).mean(axis=0)


def uncertainty(logits):
    h = [-(q * np.log(q + (q == 0))).sum(axis=1) for q in (predict(logits), *map(predict, logits[:, None]))]
    return h[0], np.clip(h[0] - sum(h[1:]) / len(logits), 0, h[0])


def nll(probs, labels):
    with np.errstate(divide="ignore"):
        return float(np.negative(np.log([row[y] for row, y in zip(probs, labels, strict=True)])).mean())


def ece(probs, labels, bins):
    order = np.argsort(probs.max(axis=1))
    sure, gaps = probs.max(axis=1)[order], (probs.argmax(axis=1) == labels)[order] - probs.max(axis=1)[order]
    cuts = np.searchsorted(sure, np.arange(1, bins) / bins, side="right")
    return sum(abs(part.sum()) for part in np.split(gaps, cuts)) / len(gaps)


def compare(first, second, labels):
    d = np.diff(
        [[np.log(row[y]) for row, y in zip(p, labels, strict=True)] for p in (first, second)], axis=0
    )[0]
    low, high = np.mean(d) - (half := 1.96 * np.std(d, ddof=1) / np.sqrt(d.size)), np.mean(d) + half
    return np.mean(d), low, high, "first" if high < 0 else "undecided" if low <= 0 else "second"
