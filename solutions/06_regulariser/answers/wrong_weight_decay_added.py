"""Adds weight decay to the masked gradient, so that the penalty comes twice."""

# fails: two_steps_law as another_descent
import numpy as np


def strengths(X, p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    return p / (1 - p) * (X**2).mean(axis=0)


def expected_loss(w, X, y, p):
    return ((y - X @ w) ** 2).mean() / 2 + strengths(X, p) @ w**2 / 2


def ridge(X, y, p):
    return np.linalg.solve(X.T @ X / len(X) + np.diag(strengths(X, p)), X.T @ y / len(X))


def penalty(w, X, p):
    e = np.exp(-np.abs(X @ w))
    return (e / (1 + e) ** 2 * (X**2 @ w**2)).mean() * p / (1 - p) / 2


def gaussian(x, p, rng):
    return x * rng.normal(1, np.sqrt(p / (1 - p)), x.shape)


def step_limit(X, p):
    return 2 / np.linalg.eigvalsh(X.T @ X / len(X) + np.diag(strengths(X, p))).max()


def sgd(X, y, p, step, steps, rng):
    w, total = np.zeros(X.shape[1]), 0
    for t in range(steps):
        Z = np.where(rng.random(X.shape) >= p, X / (1 - p), 0)
        w = w - step * (Z.T @ (Z @ w - y) / len(X) + strengths(X, p) * w)
        if t >= steps // 2:
            total = total + w
    return total / (steps - steps // 2)
