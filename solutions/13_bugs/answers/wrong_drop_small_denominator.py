"""A tiny number in the denominator cures p = 1 and nothing else."""

# fails: zeros_are_selected as zero_times_infinity
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def drop(x, p, rng):
    keep = rng.random(x.shape) >= p
    with np.errstate(all="ignore"):
        return x * keep / (1 - p + 1e-12)
