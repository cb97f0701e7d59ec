"""Makes its own generator from seed 0 in every call."""

# fails: calls_differ as reseeds_each_call
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.random.default_rng(0).random(shape) >= p
