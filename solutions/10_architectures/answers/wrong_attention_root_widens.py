"""Divides float32 scores by a float64 root."""

# fails: inputs_and_dtype_kept as dtype_widened
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    drop_channels,
    drop_path,
    path_rates,
    rnn,
    variance_shift,
)


def divided(a, keep, p):
    return np.where(keep, a / (1 - p if p < 1 else 1), 0).astype(a.dtype)


def attention(q, k, v, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[2])
    e = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights = e / e.sum(axis=2, keepdims=True)
    if training:
        weights = divided(weights, rng.random(weights.shape) >= p, p)
    return weights @ v
