"""Forgets the mask on the probabilities."""

# fails: drops_probabilities as no_noise
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
    return attention_weights(q, k) @ v
