"""The mask is guessed from which outputs are zero."""

# fails: gradient_asks_the_mask as gradient_from_values
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def gradient(dy, x, y, keep, p):
    return np.divide(dy, 1 - p, out=np.zeros_like(dy), where=y != 0)
