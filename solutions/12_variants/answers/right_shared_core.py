"""One core, a factor and a shift for each entry, serves all five noises."""

import numpy as np

from dropgrade.reference.noises import alpha_terms

S = -1.0507009873554805 * 1.6732632423543772


def kept(shape, p, rng, bounds):
    if not (bounds[0] < p < bounds[1] or p in bounds[2:]):
        raise ValueError(f"p = {p} is not allowed here")
    return (rng.random(shape) >= p) if rng is not None else None


def gaussian(x, p, training, rng):
    kept((), p, None, (0, 1, 0))
    z = rng.standard_normal(x.shape) if training else np.zeros(x.shape)
    return (x + x * z * (p / (1 - p)) ** 0.5).astype(x.dtype)


def drop_connect(x, w, p, training, rng):
    keep = kept((*x.shape, w.shape[1]), p, rng if training else None, (0, 1, 0, 1))
    if keep is None:
        return x @ w
    return (keep * (x[:, :, None] * w)).sum(axis=1) / (1 - p if p < 1 else 1)


def alpha_dropout(x, p, training, rng):
    a, b = alpha_terms(p)
    keep = kept(x.shape, p, rng if training else None, (0, 1, 0))
    return x if keep is None else np.where(keep, a * x + b, a * S + b).astype(x.dtype)


def zoneout(old, new, p, training, rng):
    keep = kept(new.shape, p, rng if training else None, (0, 1, 0, 1))
    return old * p + new * (1 - p) if keep is None else np.where(keep, new, old)


def concrete(x, p, t, training, rng):
    kept((), p if t > 0 else -1, None, (0, 1))
    e = rng.exponential(size=(2, *x.shape)) if training else None
    return x if e is None else x * soft(np.log(p / (1 - p)) + np.log(e[0] / e[1]), t, x.dtype.type(1 - p))


def soft(logits, t, q):
    return (0.5 - 0.5 * np.tanh(logits / (2 * t))).astype(q.dtype) / q
