"""Drops units of the state and leaves the others at their old size."""

# fails: one_mask_over_time as no_rescale
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
    states = []
    for t in range(x.shape[1]):
        state = np.tanh(x[:, t] @ w + np.where(keep, state, 0) @ u)
        states.append(state)
    return np.stack(states, axis=1)
