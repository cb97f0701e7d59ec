"""The state is put back after the second draw as well."""

# fails: recomputation_repeats_the_mask as generator_rewound
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def recomputed_block(x, w, dy, p, rng):
    before = rng.bit_generator.state
    h = x @ w
    y = np.where(rng.random(h.shape) >= p, h / (1 - p), 0)
    rng.bit_generator.state = before
    keep = rng.random(h.shape) >= p
    rng.bit_generator.state = before
    return y, np.where(keep, dy / (1 - p), 0) @ w.T
