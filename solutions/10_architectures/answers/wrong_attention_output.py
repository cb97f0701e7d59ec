"""Applies dropout to the result."""

# fails: drops_probabilities as output_not_weights
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    attention_weights,
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
    if not training:
        return attention_weights(q, k) @ v
    y = attention_weights(q, k) @ v
    return divided(y, rng.random(y.shape) >= p, p)
