"""Seeds NumPy's global generator from rng: repeatable, but it disturbs everybody else."""

# fails: only_the_given_rng as global_rng
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    np.random.seed(rng.integers(2**32))
    return np.asarray(np.random.random_sample(shape) >= p)
