"""Calls np.random.seed inside: everybody else's random numbers restart too."""

# fails: calls_differ as reseeds_each_call
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    np.random.seed(42)
    return np.asarray(np.random.rand(*shape) >= p)
