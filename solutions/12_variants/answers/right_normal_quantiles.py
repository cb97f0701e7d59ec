"""All noise is made from normal numbers, the masks and the logistic variable too."""

from statistics import NormalDist

import numpy as np

from dropgrade.reference.noises import alpha_terms

S = -1.0507009873554805 * 1.6732632423543772


def kept(shape, p, rng, open_below=False, open_above=True):
    if not 0 <= p <= 1 or (open_below and p == 0) or (open_above and p == 1):
        raise ValueError(f"p = {p} is not allowed here")
    z = rng.standard_normal(shape) if rng else np.zeros(shape)
    edge = -np.inf if p == 0 else np.inf if p == 1 else NormalDist().inv_cdf(p)
    return z, z > edge


def gaussian(x, p, training, rng):
    z, _ = kept(x.shape, p, training and rng)
    return (x * (1 + np.sqrt(p / (1 - p)) * z)).astype(x.dtype)


def drop_connect(x, w, p, training, rng):
    _, keep = kept((len(x), *w.shape), p, training and rng, open_above=False)
    if not training:
        return x @ w
    return np.matmul(x[:, None, :], keep * w / max(1 - p, 1e-300))[:, 0, :].astype(x.dtype)


def alpha_dropout(x, p, training, rng):
    (a, b), (_, keep) = alpha_terms(p), kept(x.shape, p, training and rng)
    return (a * np.where(keep, x, S) + b).astype(x.dtype) if training else x


def zoneout(old, new, p, training, rng):
    _, keep = kept(new.shape, p, training and rng, open_above=False)
    return np.where(keep, new, old) if training else p * old + (1 - p) * new


def concrete(x, p, t, training, rng):
    kept((), p if t > 0 else -1, None, open_below=True)
    n = rng.standard_normal((4, *x.shape)) if training else np.ones((4, *x.shape))
    logistic = np.log((n[0] ** 2 + n[1] ** 2) / (n[2] ** 2 + n[3] ** 2))
    soft = (1 - np.tanh((np.log(p / (1 - p)) + logistic) / (2 * t))) / 2
    return (x * soft / (1 - p)).astype(x.dtype) if training else x
