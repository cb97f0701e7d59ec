"""32-bit random integers against an integer threshold, as a GPU kernel does it."""

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    words = rng.integers(0, 2**32, size=shape, dtype=np.uint64)
    return words >= np.uint64(round(p * 2**32))
