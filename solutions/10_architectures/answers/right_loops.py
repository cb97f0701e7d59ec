"""Python loops over examples, channels, steps and queries; a row of numbers drawn at a time."""

import math

import numpy as np


def probability(p):
    if not (p >= 0 and p <= 1):
        raise ValueError(f"p = {p} is no probability")


def factors(n, p, rng):
    return [1 / (1 - p) if u >= p else 0 for u in rng.random(n).tolist()]


def drop_channels(x, p, training, rng):
    probability(p)
    y = x.copy()
    for example in y if training else ():
        for channel, f in zip(example, factors(len(example), p, rng), strict=True):
            channel[...] = channel * f if f else 0
    return y


def path_rates(depth, last):
    probability(last)
    return np.array([last * block / depth for block in range(1, depth + 1)])


def drop_path(x, branch, p, training, rng):
    probability(p)
    if not training:
        return x + branch
    pairs = zip(x, branch, factors(len(x), p, rng), strict=True)
    return np.array([a + b * f if f else a for a, b, f in pairs])


def rnn(x, w, u, p, training, rng):
    probability(p)
    y = np.zeros((*x.shape[:2], len(u)), dtype=x.dtype)
    for i, sequence in enumerate(x):
        mask = np.array(factors(len(u), p, rng) if training else [1] * len(u), dtype=x.dtype)
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
            powers = [power / total for total in [sum(powers)] for power in powers]
            kept = factors(len(powers), p, rng) if training else [1] * len(powers)
            for value, power, f in zip(v[i], powers, kept, strict=True):
                y[i, a] += value * (power * f) if f else 0
    return y


def variance_shift(x, w, p):
    probability(p)
    if p == 1:
        raise ValueError("no unit survives p = 1")
    squares = [p / (1 - p) * sum(unit * unit) / len(x) for unit in x.T]
    noises = [sum(a * a * square for a, square in zip(column, squares, strict=True)) for column in w.T]
    return np.array([np.var(y) / (np.var(y) + noise) for y, noise in zip((x @ w).T, noises, strict=True)])
