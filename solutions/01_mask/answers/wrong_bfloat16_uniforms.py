"""Draws uniform numbers with 8 bits, as torch.rand does in bfloat16."""

# fails: rate_holds_at_extremes as coarse_rate
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.floor(rng.random(shape) * 256) / 256 >= p
