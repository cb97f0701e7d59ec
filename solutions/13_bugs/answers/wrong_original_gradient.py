"""The mask is worked out from y / x, which fails where x is 0."""

# fails: gradient_asks_the_mask as gradient_from_values
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def gradient(dy, x, y, keep, p):
    zero = x == 0
    return dy * np.where(zero, 1, y / np.where(zero, 1, x))
