"""Boolean indexing into copies: what is dropped is assigned zero, what is kept is divided in place."""

import numpy as np


def lottery(shape, p, rng):
    if p not in (0, 1) and not 0 < p < 1:
        raise ValueError("p has to lie between 0 and 1")
    return rng.random(shape) < p if rng else np.zeros(shape, dtype=bool)


def holes(a, gone, p):
    out = a.copy()
    out[gone] = 0
    if not gone.all():
        out[~gone] /= 1 - p
    return out


def drop_channels(x, p, training, rng):
    gone = lottery(x.shape[:2], p, rng if training else None)
    return holes(x, gone, p if training else 0)


def path_rates(depth, last):
    lottery(1, last, None)
    return np.cumsum(np.full(depth, last / depth))


def drop_path(x, branch, p, training, rng):
    gone = lottery(len(branch), p, rng if training else None)
    out = x.copy()
    out[~gone] += branch[~gone] / (1 - p if training else 1)
    return out


def rnn(x, w, u, p, training, rng):
    gone = lottery((x.shape[0], u.shape[0]), p, rng if training else None)
    states = [np.tanh(x[:, 0, :] @ w)]
    for t in range(1, x.shape[1]):
        states.append(np.tanh(x[:, t, :] @ w + holes(states[-1], gone, p if training else 0) @ u))
    return np.swapaxes(np.array(states), 0, 1)


def attention(q, k, v, p, training, rng):
    scores = np.matmul(q, np.swapaxes(k, -1, -2))
    scores /= q.dtype.type(q.shape[-1] ** 0.5)
    scores -= scores.max(-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(-1, keepdims=True)
    gone = lottery(scores.shape, p, rng if training else None)
    return np.matmul(holes(scores, gone, p if training else 0), v)


def variance_shift(x, w, p):
    lottery(1, p, None)
    if p == 1:
        raise ValueError("p has to be below 1")
    evaluation = (x @ w).var(0)
    noise = ((x * x).mean(0)[:, None] * (w * w)).sum(0) * p / (1 - p)
    return 1 / (1 + noise / evaluation)
