"""Drops but never rescales: what is kept stays as it was."""

# fails: kept_entries_rescaled as no_rescale
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    return np.where(keep, x, 0).astype(x.dtype), keep
