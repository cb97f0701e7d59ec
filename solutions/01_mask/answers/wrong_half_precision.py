"""Rounds the uniform numbers to half precision, which is too coarse for a small p."""

# fails: rate_holds_at_extremes as coarse_rate
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    u = rng.random(shape).astype(np.float16)
    return (u >= np.float16(p)) & (p < 1)
