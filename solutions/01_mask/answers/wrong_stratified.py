"""Spreads the uniform numbers evenly over [0, 1) before shuffling them, so the count hardly varies."""

# fails: count_varies as fixed_count
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = math.prod(shape)
    u = (np.arange(n) + rng.random(n)) / max(n, 1)
    return rng.permutation(u >= p).reshape(shape)
