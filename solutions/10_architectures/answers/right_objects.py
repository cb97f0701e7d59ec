"""One class that knows p and the mode makes the scaled masks of all four layers."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Masks:
    p: float
    training: bool = False
    rng: Any = None

    def __post_init__(self):
        if not min(self.p, 1 - self.p) >= 0:
            raise ValueError(f"p must lie in [0, 1]; {self.p} does not")

    def apply(self, a, axes):
        if not self.training:
            return a
        shape = [n if i in axes else 1 for i, n in enumerate(a.shape)]
        if self.p == 1:
            return np.zeros_like(a)
        late = self.rng.exponential(size=shape) >= -np.log1p(-self.p)
        return np.where(late, a / a.dtype.type(1 - self.p), a.dtype.type(0))


def drop_channels(x, p, training, rng):
    return Masks(p, training, rng).apply(x, (0, 1))


def path_rates(depth, last):
    step = Masks(last).p / depth
    return np.fromiter((step * (i + 1) for i in range(depth)), dtype=float)


def drop_path(x, branch, p, training, rng):
    return x + Masks(p, training, rng).apply(branch, (0,))


def rnn(x, w, u, p, training, rng):
    ones = np.ones((x.shape[0], u.shape[0]), dtype=x.dtype)
    mask, states = Masks(p, training, rng).apply(ones, (0, 1)), []
    inner = x @ w
    for t in range(x.shape[1]):
        states.append(np.tanh(inner[:, t] + (states[-1] * mask @ u if t else 0)))
    return np.stack(states, 1)


def attention(q, k, v, p, training, rng):
    scores = q @ np.moveaxis(k, 1, 2) / np.asarray(np.sqrt(q.shape[2]), dtype=q.dtype)
    odds = np.exp(scores - scores.max(2)[:, :, None])
    return Masks(p, training, rng).apply(odds / odds.sum(2)[:, :, None], (0, 1, 2)) @ v


def variance_shift(x, w, p):
    if Masks(p).p == 1:
        raise ValueError("p must be below 1, since nothing is left at 1")
    y = x @ w
    return (1 + (x**2 @ w**2).mean(0) * (p / (1 - p)) / y.var(0)) ** -1
