"""Makes a fresh generator from the operating system in every call and ignores rng."""

# fails: only_the_given_rng as own_rng
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.random.default_rng().random(shape) >= p
