"""Quietly clips a p outside [0, 1] to the nearest end."""

# fails: rejects_bad_p as p_not_validated
import numpy as np


def keep_mask(shape, p, rng):
    return rng.random(shape) >= np.clip(p, 0.0, 1.0)
