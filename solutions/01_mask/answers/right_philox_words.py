"""A counter-based generator keyed from rng, its raw 64-bit words compared as integers."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    stream = np.random.Philox(key=rng.integers(0, 2**64, size=2, dtype=np.uint64))
    words = stream.random_raw(math.prod(shape)) >> np.uint64(11)
    return (words >= np.uint64(round(p * 2**53))).reshape(shape)
