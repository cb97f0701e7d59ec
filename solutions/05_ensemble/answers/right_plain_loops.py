"""Plain Python loops, one member after the other, and itertools for the masks."""

from itertools import product
from math import exp

import numpy as np


def all_masks(n):
    return np.array(list(product([False, True], repeat=n)), dtype=bool).reshape(2**n, n)


def chances(keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.array([p ** sum(not k for k in row) * (1 - p) ** sum(map(bool, row)) for row in keep])


def member(x, layers, flags, p):
    h, flags = list(x), iter(flags)
    for i, (W, b) in enumerate(layers):
        h = [(max(v, 0) if i else v) / (1 - p) if next(flags) else 0 for v in h]
        h = [sum(v * w for v, w in zip(h, column, strict=True)) + c for column, c in zip(W.T, b, strict=True)]
    e = [exp(v - max(h)) for v in h]
    return [v / sum(e) for v in e]


def members(x, layers, keep, p):
    return np.array([member(x, layers, row, p) for row in keep])


def scaled(x, layers):
    return np.array(member(x, layers, [True] * sum(len(W) for W, _ in layers), 0))


def arithmetic(probs, weights):
    return sum(w * row for w, row in zip(weights, probs, strict=True))


def geometric(probs, weights):
    mean = np.array([np.prod([v**w for v, w in zip(c, weights, strict=True)]) for c in probs.T])
    return mean / sum(mean)


def sampled(x, layers, p, samples, rng):
    n = sum(len(W) for W, _ in layers)
    return sum(np.array(member(x, layers, rng.random(n) >= p, p)) for _ in range(samples)) / samples
