"""Halves the rate from block to block, backwards."""

# fails: schedule_is_linear as wrong_schedule
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
    return last * 0.5 ** np.arange(depth)[::-1]
