"""Single-precision uniforms: half the memory, still 24 random bits."""

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape, dtype=np.float32) < np.float32(1 - p)
