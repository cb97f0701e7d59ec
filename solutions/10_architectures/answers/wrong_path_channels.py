"""Draws for each example and each entry of its second axis."""

# fails: branch_dropped_per_example as entries_not_paths
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
    keep = rng.random((*x.shape[:2], *[1] * (x.ndim - 2))) >= p
    return x + divided(branch, keep, p)
