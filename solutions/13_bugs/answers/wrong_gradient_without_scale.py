"""The mask is right, the scale is lost."""

# fails: gradient_asks_the_mask as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def gradient(dy, x, y, keep, p):
    return np.where(keep, dy, 0)
