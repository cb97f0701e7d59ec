"""The state is saved after the first draw instead of before it."""

# fails: recomputation_repeats_the_mask as recomputed_with_new_mask
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def recomputed_block(x, w, dy, p, rng):
    h = x @ w
    y = np.where(rng.random(h.shape) >= p, h / (1 - p), 0)
    state = rng.bit_generator.state
    keep = rng.random(h.shape) >= p
    rng.bit_generator.state = state
    return y, np.where(keep, dy / (1 - p), 0) @ w.T
