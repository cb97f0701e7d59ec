"""Draws in other ways: binomial masks, exponential clocks, a logistic variable."""

import math

import numpy as np

from dropgrade.reference.noises import gaussian  # noqa: F401


def drop_connect(x, w, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(p)
    if not training or p == 1:
        return x @ w if not training else np.zeros_like(x @ w)
    masks = rng.binomial(1, 1 - p, size=(x.shape[0], *w.shape)).astype(x.dtype)
    return np.stack([row @ (mask * w) for row, mask in zip(x, masks, strict=True)]) / x.dtype.type(1 - p)


def alpha_terms(p):
    if not 0 <= p < 1:
        raise ValueError(p)
    saturation = -1.7580993408473766
    mean, square = p * saturation, (1 - p) + p * saturation**2
    deviation = math.sqrt(square - mean**2)
    return 1 / deviation, -mean / deviation


def alpha_dropout(x, p, training, rng):
    a, b = alpha_terms(p)
    y = np.array(x)
    if training:
        y[rng.exponential(size=x.shape) < -math.log1p(-p)] = -1.7580993408473766
        y *= a
        y += b
    return y


def zoneout(old, new, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(p)
    if not training:
        return new - p * (new - old)
    stay = rng.binomial(1, p, new.shape).astype(bool)
    return np.choose(stay, [new, old])


def concrete(x, p, t, training, rng):
    if not (0 < p < 1 and t > 0):
        raise ValueError((p, t))
    if not training:
        return x
    noise = rng.logistic(math.log(p / (1 - p)), 1, x.shape) / t
    return (x * np.exp(-np.logaddexp(0, noise)) / (1 - p)).astype(x.dtype)
