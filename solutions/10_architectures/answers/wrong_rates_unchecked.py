"""Accepts a last that is no probability."""

# fails: refuses_bad_p as p_not_validated
import numpy as np

from dropgrade.reference.structured import (  # noqa: F401
    attention,
    drop_channels,
    drop_path,
    rnn,
    variance_shift,
)


def path_rates(depth, last):
    return last * np.arange(1, depth + 1) / depth
