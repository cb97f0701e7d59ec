"""Solves in the space of examples, and draws normal numbers in pairs by Box and Muller."""

import numpy as np


def strengths(X, p):
    if not 0 <= p < 1:
        raise ValueError(f"{p=} must be in [0, 1)")
    return p / (1 - p) * np.linalg.norm(X, axis=0) ** 2 / X.shape[0]


def expected_loss(w, X, y, p):
    residual = y - np.dot(X, w)
    return float(residual @ residual / X.shape[0] + (strengths(X, p) * w * w).sum()) / 2


def ridge(X, y, p):
    if p == 0:
        return np.linalg.pinv(X) @ y
    back = X.T / strengths(X, p)[:, None]
    return back @ np.linalg.solve(X @ back + len(X) * np.eye(len(X)), y)


def penalty(w, X, p):
    t = np.tanh(np.matmul(X, w) / 2)
    return ((1 - t) * (1 + t) / 4 * ((X * w) ** 2).sum(1)).mean() * (1 / (1 - p) - 1) / 2


def gaussian(x, p, rng):
    half = (x.size + 1) // 2
    radius, angle = np.sqrt(-2 * np.log(1 - rng.random(half))), 2 * np.pi * rng.random(half)
    e = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[: x.size].reshape(x.shape)
    return x * (1 + np.sqrt(p / (1 - p)) * e)


def step_limit(X, p):
    H = X.T @ X / X.shape[0]
    np.fill_diagonal(H, H.diagonal() + strengths(X, p))
    return 2.0 / np.linalg.norm(H, 2)


def sgd(X, y, p, step, steps, rng):
    rows, w, late = X.shape[0], np.zeros(X.shape[1]), []
    for t in range(steps):
        Z = X * rng.choice([0.0, 1 / (1 - p)], X.shape, p=[p, 1 - p])
        w = w + step * (y - Z @ w) @ Z / rows
        late += [w] if t >= steps / 2 else []
    return np.mean(late, axis=0)
