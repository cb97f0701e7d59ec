"""Refuses a bad p by an assertion."""

# fails: refuses_bad_p as raises_wrong_error
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
    assert 0 <= p <= 1
    if not training:
        return x + branch
    keep = rng.random((len(x), *[1] * (x.ndim - 1))) >= p
    return x + divided(branch, keep, p)
