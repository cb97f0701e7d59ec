"""Draws from Python's random module and ignores rng."""

# fails: only_the_given_rng as global_rng
import math
import random

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    flags = [random.random() >= p for _ in range(math.prod(shape))]
    return np.array(flags, dtype=bool).reshape(shape)
