"""Drops channels and leaves the others at their old size."""

# fails: channels_share_a_draw as no_rescale
import numpy as np

from dropgrade.reference.structured import attention, drop_path, path_rates, rnn, variance_shift  # noqa: F401


def drop_channels(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    keep = rng.random(x.shape[:2]) >= p
    return np.where(keep.reshape(*keep.shape, *[1] * (x.ndim - 2)), x, 0)
