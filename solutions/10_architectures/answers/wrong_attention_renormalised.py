"""Divides what is left by its sum, so that the weights sum to 1 again."""

# fails: drops_probabilities as renormalised
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
    weights = np.where(rng.random(weights.shape) >= p, weights, 0)
    return weights / np.maximum(weights.sum(axis=2, keepdims=True), 1e-30) @ v
