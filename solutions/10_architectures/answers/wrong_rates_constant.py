"""Gives each block the same rate."""

# fails: schedule_is_linear as schedule_constant
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    attention,
    drop_channels,
    drop_path,
    rnn,
    variance_shift,
)


def path_rates(depth, last):
    if not 0 <= last <= 1:
        raise ValueError(f"last must be in [0, 1], got {last}")
    return np.full(depth, float(last))
