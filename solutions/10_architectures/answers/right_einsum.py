"""Einstein sums with binomial factors; what is dropped is set to zero before anything multiplies it."""

import numpy as np


def factors(shape, p, rng):
    if np.isnan(p) or p < 0 or p > 1:
        raise ValueError(f"p outside [0, 1]: {p}")
    if rng is None:
        return np.ones(shape)
    return rng.binomial(1, 1 - p, shape) / max(1 - p, 1e-300)


def times(a, f, sums):
    chosen = np.where(np.einsum(sums, np.ones(a.shape), f) > 0, a, 0)
    return np.einsum(sums, chosen, f).astype(a.dtype)


def drop_channels(x, p, training, rng):
    f = factors(x.shape[:2], p, rng if training else None)
    return times(x, f, "nc...,nc->nc...") if training else x


def path_rates(depth, last):
    factors((), last, None)
    return np.linspace(0, last, depth + 1)[1:]


def drop_path(x, branch, p, training, rng):
    f = factors(len(x), p, rng if training else None)
    return x + (times(branch, f, "n...,n->n...") if training else branch)


def rnn(x, w, u, p, training, rng):
    f = factors((len(x), len(u)), p, rng if training else None)
    inner = np.einsum("nti,ij->ntj", x, w)
    y, state = np.empty_like(inner), np.zeros_like(inner[:, 0])
    for t in range(y.shape[1]):
        state = y[:, t] = np.tanh(inner[:, t] + np.einsum("nj,nj,jk->nk", state, f.astype(x.dtype), u))
    return y


def attention(q, k, v, p, training, rng):
    scores = np.einsum("nad,nbd->nab", q, k) * q.shape[-1] ** -0.5
    logs = scores - scores.max(axis=-1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(axis=-1, keepdims=True))
    f = factors(scores.shape, p, rng if training else None)
    return np.einsum("nab,nab,nbv->nav", np.exp(logs), f, v).astype(q.dtype)


def variance_shift(x, w, p):
    factors((), p, None)
    if p == 1:
        raise ValueError("p = 1 leaves nothing")
    still = np.einsum("ij,ij->j", x @ w - (x @ w).mean(axis=0), x @ w) / len(x)
    noise = np.einsum("ni,ni,ij,ij->j", x, x, w, w) / len(x) * p / (1 - p)
    return still / (still + noise)
