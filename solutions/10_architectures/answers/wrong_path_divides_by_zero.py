"""Divides by 1 - p before it asks what is kept."""

# fails: edges_are_exact as p_one_divides_by_zero
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    attention,
    drop_channels,
    path_rates,
    rnn,
    variance_shift,
)


def drop_path(x, branch, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x + branch
    keep = rng.random((len(x), *[1] * (x.ndim - 1))) >= p
    with np.errstate(all="ignore"):
        return x + (branch * (keep / np.float64(1 - p))).astype(x.dtype)
