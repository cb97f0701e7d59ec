"""Takes p for the chance of surviving."""

# fails: path_draws as keep_drop_swapped
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    attention,
    drop_channels,
    path_rates,
    rnn,
    variance_shift,
)


def divided(a, keep, p):
    return np.where(keep, a / (1 - p if p < 1 else 1), 0).astype(a.dtype)


def drop_path(x, branch, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x + branch
    keep = rng.random((len(x), *[1] * (x.ndim - 1))) < p
    return x + divided(branch, keep, p)
