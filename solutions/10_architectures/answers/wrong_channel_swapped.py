"""Takes p for the probability of keeping a channel, in the draw and in the scale."""

# fails: channel_draws as keep_drop_swapped
import numpy as np

from dropgrade.reference.structured import attention, drop_path, path_rates, rnn, variance_shift  # noqa: F401


def drop_channels(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    keep = rng.random(x.shape[:2]) < p
    wide = keep.reshape(*keep.shape, *[1] * (x.ndim - 2))
    return np.where(wide, x / (1 - p if p < 1 else 1), 0).astype(x.dtype)
