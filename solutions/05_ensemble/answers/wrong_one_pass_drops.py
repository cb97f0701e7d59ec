"""Leaves dropout on in the one pass: half of the units, chosen at random."""

# fails: scaled_is_one_pass as another_network
import numpy as np


def all_masks(n):
    return (np.arange(2**n)[:, None] >> np.arange(n)) % 2 == 1


def chances(keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.where(keep, 1 - p, p).prod(axis=1)


def members(x, layers, keep, p):
    h, column = np.tile(x, (len(keep), 1)), 0
    for i, (W, b) in enumerate(layers):
        h = np.maximum(h, 0) if i else h
        h = np.where(keep[:, column : column + len(W)], h / (1 - p), 0) @ W + b
        column += len(W)
    e = np.exp(h - h.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def scaled(x, layers):
    units = sum(len(W) for W, _ in layers)
    keep = np.random.default_rng().permutation(units) >= units // 2
    return members(x, layers, keep[None], 0.5)[0]


def arithmetic(probs, weights):
    return weights @ probs


def geometric(probs, weights):
    mean = np.prod(probs ** weights[:, None], axis=0)
    return mean / mean.sum()


def sampled(x, layers, p, samples, rng):
    keep = rng.random((samples, sum(len(W) for W, _ in layers))) >= p
    return members(x, layers, keep, p).mean(axis=0)
