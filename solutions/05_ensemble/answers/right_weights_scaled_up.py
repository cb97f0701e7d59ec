"""Divides the weights by 1 - p instead of the units, which comes to the same."""

import itertools

import numpy as np


def all_masks(n):
    masks = np.zeros((2**n, n), dtype=bool)
    rows = itertools.chain.from_iterable(itertools.combinations(range(n), k) for k in range(n + 1))
    for mask, kept in zip(masks, rows, strict=True):
        mask[list(kept)] = True
    return masks


def chances(keep, p):
    if np.isnan(p) or p < 0 or p > 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.prod(keep * (1 - p) + ~keep * p, axis=1)


def softmax(s):
    s = np.exp(s - s.max())
    return s / s.sum()


def members(x, layers, keep, p):
    return np.stack([one(x, [(W / (1 - p), b) for W, b in layers], row) for row in keep])


def one(x, layers, row):
    start = 0
    for W, b in layers:
        x = np.maximum(x, 0) if start else x
        kept = row[start : start + len(W)]
        x, start = x[kept] @ W[kept] + b, start + len(W)
    return softmax(x)


def scaled(x, layers):
    return one(x, layers, np.ones(sum(len(W) for W, _ in layers), dtype=bool))


def arithmetic(probs, weights):
    return (probs * weights.reshape(-1, 1)).sum(0)


def geometric(probs, weights):
    powers = np.power(probs, weights.reshape(-1, 1)).prod(0)
    return powers / powers.sum()


def sampled(x, layers, p, samples, rng):
    size = (samples, sum(len(W) for W, _ in layers))
    return members(x, layers, rng.choice([False, True], size, p=[p, 1 - p]), p).mean(0)
