"""Divides before it selects, which warns at p = 1."""

# fails: gradient_asks_the_mask as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def gradient(dy, x, y, keep, p):
    return np.where(keep, dy / (1 - p), 0).astype(dy.dtype)
