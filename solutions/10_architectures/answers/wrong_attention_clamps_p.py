"""Keeps p away from both ends, so that nothing divides by zero, and drops a little at p = 0."""

# fails: edges_are_exact as disturbs_at_zero
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    attention_weights,
    drop_channels,
    drop_path,
    path_rates,
    rnn,
    variance_shift,
)


def attention(q, k, v, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return attention_weights(q, k) @ v
    weights = attention_weights(q, k)
    p = np.clip(p, 0.01, 0.99).astype(weights.dtype)
    return np.where(rng.random(weights.shape) >= p, weights / (1 - p), 0) @ v
