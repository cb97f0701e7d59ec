"""The masks change when a worker is added."""

# fails: workers_draw_for_themselves as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def worker_masks(shape, p, seed, workers):
    return [np.random.default_rng([seed, k, workers]).random(shape) >= p for k in range(workers)]
