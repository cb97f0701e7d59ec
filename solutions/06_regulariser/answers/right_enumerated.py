"""Gets the expected loss by running every mask, and the minimum from derivatives of that."""

import itertools

import numpy as np


def strengths(X, p):
    if not (p >= 0 and p < 1):
        raise ValueError(f"p must be in [0, 1), got {p}")
    return np.einsum("ij,ij->j", X, X) / len(X) * p / (1 - p)


def expected_loss(w, X, y, p):
    total = 0.0
    for mask in itertools.product((0, 1), repeat=X.shape[1]):
        chance = np.prod([1 - p if k else p for k in mask])
        total += chance * np.mean((y - X @ (w * mask) / (1 - p)) ** 2)
    return total / 2


def ridge(X, y, p):
    d = X.shape[1]
    G, target = X.T @ X / len(X), X.T @ y / len(X)
    G[np.arange(d), np.arange(d)] += strengths(X, p)
    values, vectors = np.linalg.eigh(G)
    return vectors @ ((vectors.T @ target) / values)


def penalty(w, X, p):
    z = X @ w
    s = np.exp(-np.logaddexp(0, -z) - np.logaddexp(0, z))  # s (1 - s), from logarithms
    variance = np.array([sum((v * u) ** 2 for v, u in zip(row, w, strict=True)) for row in X]) * p / (1 - p)
    return float(np.dot(s, variance)) / len(X) / 2


def gaussian(x, p, rng):
    q = 1 - p
    return rng.normal(x, np.abs(x) * np.sqrt(p / q))


def step_limit(X, p):
    return 2 / np.max(np.linalg.eigvals(X.T @ X / len(X) + np.diag(strengths(X, p))).real)


def sgd(X, y, p, step, steps, rng):
    w, mean = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    for t in range(1, steps + 1):
        Z = np.zeros(X.shape)
        kept = rng.random(X.shape) > p
        Z[kept] = X[kept] / (1 - p)
        w -= step * np.einsum("ij,i->j", Z, Z @ w - y) / len(X)
        if t > steps // 2:
            mean += (w - mean) / (t - steps // 2)
    return mean
