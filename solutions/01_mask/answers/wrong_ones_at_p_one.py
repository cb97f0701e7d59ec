"""Switches dropout off at p = 1 to avoid dividing by zero later."""

# fails: edges_are_exact as wrong_rate
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.ones(shape, dtype=bool) if p == 1 else rng.random(shape) >= p
