"""Fair coins only: walks the binary digits of 1 - p with AND and OR, 64 entries a word."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if p in (0, 1):
        return np.full(shape, p == 0)
    n = math.prod(shape)
    digits = min(round((1 - p) * 2**32), 2**32 - 1)
    word = np.zeros(-(-n // 64), dtype=np.uint64)
    for place in range(32):  # least significant digit first
        coins = rng.integers(0, 2**64, size=word.size, dtype=np.uint64)
        word = word | coins if digits >> place & 1 else word & coins
    return np.unpackbits(word.view(np.uint8), count=n).astype(bool).reshape(shape)
