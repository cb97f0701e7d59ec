"""Uses u and 1 - u for neighbours, so one tends to drop when the other stays."""

# fails: entries_independent as correlated_neighbours
import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = math.prod(shape)
    u = rng.random(n // 2 + 1)
    return np.stack([u >= p, 1 - u > p], axis=1).ravel()[:n].reshape(shape)
