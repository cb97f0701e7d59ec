"""Draws for the channels once and drops the same ones in each example."""

# fails: channel_draws as one_mask_for_the_batch
import numpy as np

from dropgrade.reference.structured import attention, drop_path, path_rates, rnn, variance_shift  # noqa: F401


def divided(a, keep, p):
    return np.where(keep, a / (1 - p if p < 1 else 1), 0).astype(a.dtype)


def drop_channels(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    keep = rng.random((1, x.shape[1], *[1] * (x.ndim - 2))) >= p
    return divided(x, keep, p)
