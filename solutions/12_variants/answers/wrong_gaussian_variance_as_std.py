"""Scales the normal variable by the variance."""

# fails: gaussian_contract as std_for_variance
import numpy as np

S = -1.0507009873554805 * 1.6732632423543772


def gaussian(x, p, training, rng):
    alpha_terms(p)  # refuses the same p
    factor = 1 + p / (1 - p) * rng.standard_normal(x.shape) if training else 1
    return (x * factor).astype(x.dtype)


def drop_connect(x, w, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x @ w
    keep = rng.random((len(x), *w.shape)) >= p
    y = np.einsum("bi,bij->bj", x, np.where(keep, w, 0))
    return y / (1 - p) if p < 1 else y


def alpha_terms(p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    a = ((1 - p) + S**2 * p * (1 - p)) ** -0.5
    return a, -a * p * S


def alpha_dropout(x, p, training, rng):
    a, b = alpha_terms(p)
    return (a * np.where(rng.random(x.shape) >= p, x, S) + b).astype(x.dtype) if training else x


def zoneout(old, new, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.where(rng.random(new.shape) < p, old, new) if training else p * old + (1 - p) * new


def concrete(x, p, t, training, rng):
    if not (0 < p < 1 and t > 0):
        raise ValueError(f"p must be in (0, 1) and t above 0, got {p} and {t}")
    if not training:
        return x
    u = rng.uniform(1e-15, 1 - 1e-15, x.shape)
    kept = (1 - np.tanh((np.log(p / (1 - p)) + np.log(u / (1 - u))) / (2 * t))) / 2
    return (x * kept / (1 - p)).astype(x.dtype)
