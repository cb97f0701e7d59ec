"""Forgets the mask on the state."""

# fails: one_mask_over_time as no_noise
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
    states = []
    for t in range(x.shape[1]):
        state = np.tanh(x[:, t] @ w + state @ u)
        states.append(state)
    return np.stack(states, axis=1)
