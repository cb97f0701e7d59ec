"""Logarithms and scipy-free log-sum-exp; masks by unpacking bits, samples by binomial draws."""

import numpy as np


def all_masks(n):
    return np.unpackbits(np.arange(2**n, dtype=">u4").view(np.uint8).reshape(-1, 4), axis=1)[:, 32 - n :] > 0


def chances(keep, p):
    if not (p >= 0 and p <= 1):
        raise ValueError("p must be in [0, 1]")
    if p in (0, 1):
        return (keep == (p == 0)).all(axis=1).astype(float)
    kept = np.count_nonzero(keep, axis=1)
    return np.exp(kept * np.log1p(-p) + (keep.shape[1] - kept) * np.log(p))


def log_softmax(h):
    h = h - h.max(axis=-1, keepdims=True)
    return h - np.log(np.exp(h).sum(axis=-1, keepdims=True))


def members(x, layers, keep, p):
    noise = np.split(keep / (1 - p), np.cumsum([len(W) for W, _ in layers])[:-1], axis=1)
    h = x[np.newaxis, :]
    for (W, b), factor in zip(layers[:-1], noise, strict=False):
        h = np.clip(h * factor @ W + b, 0, None)
    return np.exp(log_softmax(h * noise[-1] @ layers[-1][0] + layers[-1][1]))


def scaled(x, layers):
    for W, b in layers[:-1]:
        x = np.clip(x @ W + b, 0, None)
    return np.exp(log_softmax(x @ layers[-1][0] + layers[-1][1]))


def arithmetic(probs, weights):
    return np.average(probs, axis=0, weights=weights)


def geometric(probs, weights):
    probs, weights = probs[weights > 0], weights[weights > 0]
    logs = np.log(probs, out=np.full_like(probs, -np.inf), where=probs > 0)
    return np.exp(log_softmax(weights @ logs))


def sampled(x, layers, p, samples, rng):
    keep = rng.binomial(1, 1 - p, (samples, sum(W.shape[0] for W, _ in layers)))
    return np.mean(members(x, layers, keep, p), axis=0)
