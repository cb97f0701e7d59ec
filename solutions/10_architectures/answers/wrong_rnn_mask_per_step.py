"""Draws a new mask at each step."""

# fails: one_mask_over_time as mask_per_step
import numpy as np


def legal(p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")


def kept(shape, p, rng):
    return rng.random(shape) >= p


def divided(x, keep, p):
    return np.where(keep, x, 0) / (1 - p) if p < 1 else np.zeros_like(x)


def drop_channels(x, p, training, rng):
    legal(p)
    if not training:
        return x
    ones = (1,) * (x.ndim - 2)
    return divided(x, kept(x.shape[:2] + ones, p, rng), p)


def path_rates(depth, last):
    legal(last)
    return last * np.arange(1, depth + 1) / depth


def drop_path(x, branch, p, training, rng):
    legal(p)
    if not training:
        return x + branch
    ones = (1,) * (x.ndim - 1)
    return x + divided(branch, kept(x.shape[:1] + ones, p, rng), p)


def rnn(x, w, u, p, training, rng):
    legal(p)
    state = np.zeros((len(x), len(u)), dtype=x.dtype)
    states = []
    for t in range(x.shape[1]):
        seen = divided(state, kept(state.shape, p, rng), p) if training else state
        state = np.tanh(x[:, t] @ w + seen @ u)
        states.append(state)
    return np.stack(states, axis=1)


def attention(q, k, v, p, training, rng):
    legal(p)
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[2]).astype(q.dtype)
    e = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights = e / e.sum(axis=2, keepdims=True)
    return (divided(weights, kept(weights.shape, p, rng), p) if training else weights) @ v


def variance_shift(x, w, p):
    legal(p)
    if p == 1:
        raise ValueError("p must be below 1, got 1")
    still = np.var(x @ w, axis=0)
    return still / (still + p / (1 - p) * np.mean(x**2, axis=0) @ w**2)
