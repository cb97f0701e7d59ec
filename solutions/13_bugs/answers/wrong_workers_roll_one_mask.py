"""All workers share one mask, moved along by an entry each."""

# fails: workers_draw_for_themselves as ranks_share_a_mask
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def worker_masks(shape, p, seed, workers):
    keep = np.random.default_rng(seed).random(shape) >= p
    return [np.roll(keep, k) for k in range(workers)]
