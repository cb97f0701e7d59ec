"""The recomputation draws a mask of its own."""

# fails: recomputation_repeats_the_mask as recomputed_with_new_mask
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def recomputed_block(x, w, dy, p, rng):
    def forward():
        h = x @ w
        keep = rng.random(h.shape) >= p
        return np.where(keep, h / (1 - p), 0), keep

    y, _ = forward()  # the mask is not stored
    _, keep = forward()  # the backward pass makes it again
    return y, np.where(keep, dy / (1 - p), 0) @ w.T
