"""Worker k gets seed + k, which is another run's seed."""

# fails: workers_draw_for_themselves as neighbouring_seeds
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def worker_masks(shape, p, seed, workers):
    return [np.random.default_rng(seed + k).random(shape) >= p for k in range(workers)]
