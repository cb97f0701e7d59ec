"""Ignores the mode and always drops."""

# fails: evaluates_without_dropout as drops_in_eval
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    attention,
    drop_channels,
    drop_path,
    path_rates,
    variance_shift,
)


def divided(a, keep, p):
    return np.where(keep, a / (1 - p if p < 1 else 1), 0).astype(a.dtype)


def rnn(x, w, u, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    state = np.zeros((len(x), len(u)), dtype=x.dtype)
    keep, rate = rng.random(state.shape) >= p, p
    states = []
    for t in range(x.shape[1]):
        state = np.tanh(x[:, t] @ w + divided(state, keep, rate) @ u)
        states.append(state)
    return np.stack(states, axis=1)
