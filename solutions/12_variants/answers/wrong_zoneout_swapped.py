"""Keeps the old value with probability 1 - p."""

# fails: zoneout_contract as zoneout_swapped
import numpy as np

from dropgrade.reference.noises import (  # noqa: F401
    alpha_dropout,
    alpha_terms,
    concrete,
    drop_connect,
    gaussian,
)


def zoneout(old, new, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return p * old + (1 - p) * new
    return np.where(rng.random(new.shape) < p, new, old)
