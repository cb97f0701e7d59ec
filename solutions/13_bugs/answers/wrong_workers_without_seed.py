"""Each worker has fresh randomness, and the run cannot be repeated."""

# fails: workers_draw_for_themselves as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def worker_masks(shape, p, seed, workers):
    return [np.random.default_rng().random(shape) >= p for k in range(workers)]
