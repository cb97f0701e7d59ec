"""Selects the zeros, but divides by zero before it does."""

# fails: zeros_are_selected as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def drop(x, p, rng):
    return np.where(rng.random(x.shape) >= p, x / (1 - p), 0).astype(x.dtype)
