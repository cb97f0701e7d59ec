"""One scalar draw at a time in a plain Python loop."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    draw, flat = rng.random, []
    for _ in range(math.prod(shape)):
        flat.append(draw() >= p)
    return np.array(flat, dtype=bool).reshape(shape)
