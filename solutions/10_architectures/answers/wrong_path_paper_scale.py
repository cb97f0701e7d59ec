"""Scales in evaluation instead of training, as the paper does."""

# fails: evaluates_without_dropout as scaled_in_eval
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
        return x + (1 - p) * branch
    keep = rng.random((len(x), *[1] * (x.ndim - 1))) >= p
    return x + np.where(keep, branch, 0)
