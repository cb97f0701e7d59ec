"""Draws masks and measures, instead of computing the average over all of them."""

# fails: shift_is_exact as wrong_shift
import numpy as np

from dropgrade.reference.structured import attention, drop_channels, drop_path, path_rates, rnn  # noqa: F401


def variance_shift(x, w, p):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    still = (x @ w).var(axis=0)
    rng = np.random.default_rng(len(x))
    keep = rng.random((200, *x.shape)) >= p
    y = (np.where(keep, x, 0) / (1 - p)) @ w
    return still / y.reshape(-1, w.shape[1]).var(axis=0)
