"""Never drops the last three entries, like a loop that skips its remainder."""

# fails: entries_independent as wrong_rate
import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    keep = np.asarray(rng.random(shape) >= p).reshape(-1)
    if 0 < p < 1:
        keep[-3:] = True
    return keep.reshape(shape)
