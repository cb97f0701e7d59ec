"""Every entry has an exponential clock; it is kept when the clock outlasts -log(1 - p)."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    deadline = math.inf if p == 1 else -math.log1p(-p)
    return np.asarray(rng.standard_exponential(shape) >= deadline)
