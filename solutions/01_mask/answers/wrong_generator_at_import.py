"""Uses a generator made when the file was loaded instead of the one it is given."""

# fails: only_the_given_rng as own_rng
import numpy as np

generator = np.random.default_rng(2014)


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return generator.random(shape) >= p
