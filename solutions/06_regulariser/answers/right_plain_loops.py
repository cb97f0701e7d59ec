"""Plain Python sums; Gaussian elimination by hand, the limit by squaring a matrix again and again."""

from math import exp, sqrt

import numpy as np


def strengths(X, p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    return np.array([p / (1 - p) * sum(v * v for v in column) / len(column) for column in X.T])


def expected_loss(w, X, y, p):
    error = sum(
        (t - sum(v * u for v, u in zip(row, w, strict=True))) ** 2 for row, t in zip(X, y, strict=True)
    )
    return error / len(y) / 2 + sum(s * u * u for s, u in zip(strengths(X, p), w, strict=True)) / 2


def hessian(X, p):
    return X.T @ X / len(X) + np.diag(strengths(X, p))


def ridge(X, y, p):
    rows = np.column_stack([hessian(X, p), X.T @ y / len(X)])
    for i in range(len(rows)):
        rows[i] /= rows[i, i]
        for j in range(len(rows)):
            if j != i:
                rows[j] -= rows[j, i] * rows[i]
    return rows[:, -1]


def penalty(w, X, p):
    total = 0.0
    for row in X:
        z = abs(sum(v * u for v, u in zip(row, w, strict=True)))
        s = 1 / (1 + exp(-z))
        total += s * (1 - s) * sum((v * u) ** 2 for v, u in zip(row, w, strict=True))
    return total / len(X) * p / (1 - p) / 2


def gaussian(x, p, rng):
    noise = [v * (1 + sqrt(p / (1 - p)) * rng.normal()) for v in x.ravel()]
    return np.array(noise).reshape(x.shape)


def step_limit(X, p):
    H = hessian(X, p)
    power = H / np.trace(H)
    for _ in range(30):
        power = power @ power
        power /= np.trace(power)
    return 2 / np.trace(power @ H)


def sgd(X, y, p, step, steps, rng):
    w, kept = np.zeros(X.shape[1]), []
    for _ in range(steps):
        Z = X * (rng.random(X.shape) >= p) / (1 - p)
        w = w - step * np.mean((Z @ w - y)[:, None] * Z, axis=0)
        kept.append(w)
    return sum(kept[steps // 2 :]) / len(kept[steps // 2 :])
