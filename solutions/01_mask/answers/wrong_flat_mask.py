"""Returns a flat vector of the right length instead of an array of the right shape."""

# fails: returns_bool_mask as wrong_shape
import math


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(math.prod(shape)) >= p
