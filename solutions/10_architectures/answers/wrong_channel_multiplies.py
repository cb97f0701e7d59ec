"""Multiplies by 0 or 1 / (1 - p), so that a dropped inf leaves a NaN."""

# fails: dropped_values_leave_no_trace as multiplies_instead_of_selects
import numpy as np

from dropgrade.reference.structured import attention, drop_path, path_rates, rnn, variance_shift  # noqa: F401


def drop_channels(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    keep = rng.random(x.shape[:2]) >= p
    mask = keep.reshape(*keep.shape, *[1] * (x.ndim - 2)) / (1 - p if p < 1 else 1)
    with np.errstate(invalid="ignore"):
        return x * mask.astype(x.dtype)
