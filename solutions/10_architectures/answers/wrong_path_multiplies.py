"""Multiplies the branch by the mask, so that NaN survives dropping."""

# fails: dropped_values_leave_no_trace as multiplies_instead_of_selects
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
    with np.errstate(invalid="ignore"):
        return x + (branch * keep / (1 - p if p < 1 else 1)).astype(x.dtype)
