"""The result is float64 whatever dy was."""

# fails: gradient_asks_the_mask as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def gradient(dy, x, y, keep, p):
    dx = np.zeros(dy.shape)
    dx[keep] = dy[keep] / (1 - p) if p < 1 else 0
    return dx
