"""Every worker makes its generator from the same seed."""

# fails: workers_draw_for_themselves as ranks_share_a_mask
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def worker_masks(shape, p, seed, workers):
    return [np.random.default_rng(seed).random(shape) >= p for worker in range(workers)]
