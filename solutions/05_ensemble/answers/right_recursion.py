"""Masks by recursion on n, networks by recursion on the layers, running means."""

import numpy as np


def all_masks(n):
    if n == 0:
        return np.zeros((1, 0), dtype=bool)
    fewer = all_masks(n - 1)
    return np.vstack([np.insert(fewer, 0, flag, axis=1) for flag in (False, True)])


def chances(keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep.shape[1] == 0:
        return np.ones(len(keep))
    return np.where(keep[:, 0], 1 - p, p) * chances(keep[:, 1:], p)


def members(x, layers, keep, p):
    if x.ndim == 1:
        x = np.repeat(x[np.newaxis], len(keep), axis=0)
    W, b = layers[0]
    h = (x * keep[:, : len(W)] / (1 - p)) @ W + b
    if len(layers) > 1:
        return members(h * (h > 0), layers[1:], keep[:, len(W) :], p)
    odds = np.exp(h - np.max(h, axis=1)[:, np.newaxis])
    return (odds.T / odds.sum(axis=1)).T


def scaled(x, layers):
    return members(x, layers, np.full((1, sum(W.shape[0] for W, _ in layers)), True), 0.0).ravel()


def arithmetic(probs, weights):
    return np.einsum("m,mc->c", weights, probs)


def geometric(probs, weights):
    mean = np.ones(probs.shape[1])
    for row, weight in zip(probs, weights, strict=True):
        mean *= row**weight
    return mean / np.sum(mean)


def sampled(x, layers, p, samples, rng):
    mean = 0
    for i in range(1, samples + 1):
        keep = rng.random((1, sum(len(W) for W, _ in layers))) > p
        mean = mean + (members(x, layers, keep, p)[0] - mean) / i
    return mean
