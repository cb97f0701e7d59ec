"""Python loops over examples, channels, steps and queries; one number drawn at a time."""

import math

import numpy as np


def probability(p):
    if not (p >= 0 and p <= 1):
        raise ValueError(f"p = {p} is no probability")


def factor(p, rng):
    return 1 / (1 - p) if rng.random() >= p else 0


def drop_channels(x, p, training, rng):
    probability(p)
    y = x.copy()
    for example in y if training else ():
        for channel in example:
            f = factor(p, rng)
            channel[...] = channel * f if f else 0
    return y


def path_rates(depth, last):
    probability(last)
    return np.array([last * block / depth for block in range(1, depth + 1)])


def drop_path(x, branch, p, training, rng):
    probability(p)
    if not training:
        return x + branch
    factors = [factor(p, rng) for _ in x]
    return np.array([a + b * f if f else a for a, b, f in zip(x, branch, factors, strict=True)])


def rnn(x, w, u, p, training, rng):
    probability(p)
    y = np.zeros((*x.shape[:2], len(u)), dtype=x.dtype)
    for i, sequence in enumerate(x):
        mask = np.array([factor(p, rng) if training else 1 for _ in u], dtype=x.dtype)
        state = np.zeros(len(u), dtype=x.dtype)
        for t, row in enumerate(sequence):
            state = y[i, t] = np.tanh(row @ w + (state * mask) @ u)
    return y


def attention(q, k, v, p, training, rng):
    probability(p)
    y = np.zeros((*q.shape[:2], v.shape[2]), dtype=q.dtype)
    for i, example in enumerate(q):
        for a, query in enumerate(example):
            scores = [float(query @ key) / math.sqrt(len(query)) for key in k[i]]
            powers = [math.exp(s - top) for top in [max(scores)] for s in scores]
            total = sum(powers)
            for b, power in enumerate(powers):
                y[i, a] += v[i, b] * (power / total * (factor(p, rng) if training else 1))
    return y


def variance_shift(x, w, p):
    probability(p)
    if p == 1:
        raise ValueError("no unit survives p = 1")
    squares = [p / (1 - p) * sum(unit * unit) / len(x) for unit in x.T]
    noises = [sum(a * a * square for a, square in zip(column, squares, strict=True)) for column in w.T]
    return np.array([np.var(y) / (np.var(y) + noise) for y, noise in zip((x @ w).T, noises, strict=True)])
