"""Leaves float32 for float64 by way of the mask."""

# fails: inputs_and_dtype_kept as dtype_widened
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
    return x + np.where(keep, branch, 0) * (keep / (1 - p if p < 1 else 1))
