"""Python loops over the examples, each row drawn for itself."""

import numpy as np

from dropgrade.reference.noises import alpha_terms

S = -1.7580993408473766


def legal(p, ends):
    if not (0 < p < 1 or p in ends):
        raise ValueError(f"p = {p} is not allowed here")


def rows(x, change):
    return np.array([change(row) for row in x], dtype=x.dtype)


def gaussian(x, p, training, rng):
    legal(p, (0,))
    return rows(x, lambda row: row * rng.normal(1, np.sqrt(p / (1 - p)), row.shape)) if training else x


def drop_connect(x, w, p, training, rng):
    legal(p, (0, 1))
    scale = 1 / (1 - p) if p < 1 else 0
    return rows(x, lambda row: row @ np.where(rng.random(w.shape) < p, 0, w * scale)) if training else x @ w


def alpha_dropout(x, p, training, rng):
    a, b = alpha_terms(p)
    return rows(x, lambda row: a * np.where(rng.random(row.shape) < p, S, row) + b) if training else x


def zoneout(old, new, p, training, rng):
    legal(p, (0, 1))
    if not training:
        return p * old + (1 - p) * new
    return np.array([np.where(rng.random(a.shape) < p, a, b) for a, b in zip(old, new, strict=True)])


def concrete(x, p, t, training, rng):
    legal(p if t > 0 else -1, ())
    return rows(x, lambda row: row * soft(p, t, rng.random(row.size)) / (1 - p)) if training else x


def soft(p, t, u):
    return (1 - np.tanh(np.log(p * u / ((1 - p) * (1 - u))) / (2 * t))) / 2
