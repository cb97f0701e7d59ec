"""Divides by 1 - p before it selects."""

# fails: quiet as p_one_divides_by_zero
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    attention,
    drop_channels,
    drop_path,
    path_rates,
    variance_shift,
)


def rnn(x, w, u, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    state = np.zeros((len(x), len(u)), dtype=x.dtype)
    keep = rng.random(state.shape) >= p if training else True
    q = np.float64(1 - p if training else 1)
    states = []
    for t in range(x.shape[1]):
        state = np.tanh(x[:, t] @ w + np.where(keep, state / q, 0).astype(x.dtype) @ u)
        states.append(state)
    return np.stack(states, axis=1)
