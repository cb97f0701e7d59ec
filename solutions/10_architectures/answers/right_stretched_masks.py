"""Masks stretched to full size first, drawn by `choice` or by integers; more numbers drawn than needed."""

import numpy as np

GRID = 2**62


def checked(p):
    if not np.isfinite(p) or not 0 <= p <= 1:
        raise ValueError(f"{p} is no probability")
    return p


def drop_channels(x, p, training, rng):
    if not training:
        return x if checked(p) >= 0 else None
    keep = rng.choice([False, True], size=x.shape[:2], p=[checked(p), 1 - p])
    full = np.repeat(keep.ravel(), int(np.prod(x.shape[2:]))).reshape(x.shape)
    return np.divide(x, 1 - p, out=np.zeros_like(x), where=full)


def path_rates(depth, last):
    return checked(last) - last * np.arange(depth)[::-1] / depth


def drop_path(x, branch, p, training, rng):
    checked(p)
    if not training:
        return x + branch
    spare = rng.integers(0, GRID, size=(3, len(x)))
    keep = spare[1] >= int(p * GRID)
    full = np.broadcast_to(keep.reshape(-1, *[1] * (x.ndim - 1)), x.shape)
    return np.where(full, x + branch / (1 - p if p < 1 else 1), x).astype(x.dtype)


def rnn(x, w, u, p, training, rng):
    checked(p)
    examples, steps, _ = x.shape
    mask = np.ones((examples, len(u)))
    if training:
        mask = (rng.permutation(rng.random(mask.size)) >= p).reshape(mask.shape) / (1 - p if p < 1 else 1)
    masks = np.repeat(mask[None].astype(x.dtype), steps, axis=0)
    states = [np.zeros_like(masks[0])]
    for t in range(steps):
        states.append(np.tanh(x[:, t] @ w + (states[-1] * masks[t]) @ u))
    return np.array(states[1:]).transpose(1, 0, 2)


def attention(q, k, v, p, training, rng):
    checked(p)
    scores = (q / np.sqrt(q.shape[2], dtype=q.dtype)) @ k.transpose(0, 2, 1)
    weights = np.exp(scores - np.logaddexp.reduce(scores, axis=2, keepdims=True))
    if training:
        keep = np.stack([rng.choice(2, size=w.shape, p=[p, 1 - p]) for w in weights]).astype(bool)
        weights = weights * keep / q.dtype.type(1 - p if p < 1 else 1)
    return weights @ v


def variance_shift(x, w, p):
    if checked(p) == 1:
        raise ValueError("with p = 1 there is no variance")
    training = x.T @ x / len(x) + np.diag(p / (1 - p) * (x**2).mean(axis=0))
    mean = (x @ w).mean(axis=0)
    return (x @ w).var(axis=0) / (np.sum(w * (training @ w), axis=0) - mean**2)
