"""Begins the schedule at rate 0 for the first block, as many libraries do."""

# fails: schedule_is_linear as schedule_starts_at_zero
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
    return np.linspace(0, last, depth)
