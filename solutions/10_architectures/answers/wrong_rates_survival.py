"""Returns the chances of surviving that the paper lists."""

# fails: schedule_is_linear as survival_for_drop
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
    return 1 - last * np.arange(1, depth + 1) / depth
