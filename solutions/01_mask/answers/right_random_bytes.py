"""Raw random bytes read as 32-bit words."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    words = np.frombuffer(rng.bytes(4 * math.prod(shape)), dtype="<u4")
    return (words.astype(np.int64) >= round(p * 2**32)).reshape(shape)
