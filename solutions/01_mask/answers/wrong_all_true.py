"""Never drops anything: the mask is all True."""

# fails: rate_matches_p as wrong_rate
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.ones(shape, dtype=bool)
