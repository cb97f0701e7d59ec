"""Adds the branch always."""

# fails: branch_dropped_per_example as no_noise
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
    return x + branch
