"""Drops probabilities and leaves the others at their old size."""

# fails: drops_probabilities as no_rescale
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
    return np.where(rng.random(weights.shape) >= p, weights, 0) @ v
