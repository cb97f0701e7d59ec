"""Sets scores to minus infinity, as a padding mask does."""

# fails: drops_probabilities as renormalised
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    drop_channels,
    drop_path,
    path_rates,
    rnn,
    variance_shift,
)


def attention(q, k, v, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    scores = q @ k.transpose(0, 2, 1) / q.dtype.type(np.sqrt(q.shape[2]))
    if training:
        scores = np.where(rng.random(scores.shape) >= p, scores, -1e30).astype(q.dtype)
    e = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights = e / e.sum(axis=2, keepdims=True)
    return weights @ v
