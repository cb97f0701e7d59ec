"""p = 1 becomes a special case, and infinity is forgotten."""

# fails: zeros_are_selected as zero_times_infinity
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def drop(x, p, rng):
    if p == 1:
        return np.zeros_like(x)
    with np.errstate(all="ignore"):
        return x * (rng.random(x.shape) >= p) / (1 - p)
