"""Counts how often each sampled mask came and runs every different member once."""

import numpy as np


def all_masks(n):
    return np.indices((2,) * n).reshape(n, -1).T.astype(bool) if n else np.zeros((1, 0), dtype=bool)


def chances(keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.array([(1 - p) ** np.sum(row) * p ** np.sum(~row) for row in keep], dtype=np.float64)


def members(x, layers, keep, p):
    h, used = x + np.zeros((len(keep), 1)), 0
    for number, (W, b) in enumerate(layers, start=1):
        rows = keep[:, used : used + len(W)]
        used += len(W)
        kept = np.zeros_like(h)
        np.divide(h, 1 - p, out=kept, where=rows)
        h = kept @ W + b
        if number < len(layers):
            h[h < 0] = 0
    h -= np.logaddexp.reduce(h, axis=1, keepdims=True)
    return np.exp(h)


def scaled(x, layers):
    return members(x, layers, np.ones((1, sum(len(b) for b in [x, *[b for _, b in layers[:-1]]])), bool), 0)[
        0
    ]


def arithmetic(probs, weights):
    return probs.T.dot(weights)


def geometric(probs, weights):
    counted = np.flatnonzero(weights)
    mean = np.exp([np.dot(weights[counted], np.log(c)) if c.all() else -np.inf for c in probs[counted].T])
    return mean / mean.sum()


def sampled(x, layers, p, samples, rng):
    keep = rng.random((samples, sum(len(W) for W, _ in layers))) >= p
    different, counts = np.unique(keep, axis=0, return_counts=True)
    return arithmetic(members(x, layers, different, p), counts / samples)
