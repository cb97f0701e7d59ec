"""Takes the last axis for the channels, as in other frameworks."""

# fails: channels_share_a_draw as positions_not_channels
import numpy as np

from dropgrade.reference.structured import attention, drop_path, path_rates, rnn, variance_shift  # noqa: F401


def divided(a, keep, p):
    return np.where(keep, a / (1 - p if p < 1 else 1), 0).astype(a.dtype)


def drop_channels(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    keep = rng.random((len(x), *[1] * (x.ndim - 2), x.shape[-1])) >= p
    return divided(x, keep, p)
