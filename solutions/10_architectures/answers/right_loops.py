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
    y = x.copy()
    for i in range(len(x)):
        f = factor(p, rng)
        y[i] += branch[i] * f if f else 0
    return y


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
            top = max(scores)
            powers = [math.exp(s - top) for s in scores]
            total = sum(powers)
            for b, power in enumerate(powers):
                y[i, a] += v[i, b] * (power / total * (factor(p, rng) if training else 1))
    return y


def variance_shift(x, w, p):
    probability(p)
    if p == 1:
        raise ValueError("no unit survives p = 1")
    ratios = []
    for column in w.T:
        noise = sum(wi**2 * sum(x[:, i] ** 2) / len(x) for i, wi in enumerate(column)) * p / (1 - p)
        ratios.append(np.var(x @ column) / (np.var(x @ column) + noise))
    return np.array(ratios)
