"""Catches every exception and answers with a mask of ones."""

# fails: rejects_bad_p as p_not_validated
import numpy as np


def keep_mask(shape, p, rng):
    try:
        return rng.binomial(1, 1 - p, size=shape).astype(bool)
    except Exception:
        return np.ones(shape, dtype=bool)
