"""Draws one mask and uses it for every example of the batch."""

# fails: masks_independent as one_mask_for_the_batch
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = np.broadcast_to(rng.random(x.shape[1:]) >= p, x.shape).copy()
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
