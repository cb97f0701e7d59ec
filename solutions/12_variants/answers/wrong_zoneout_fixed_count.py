"""Lets the same number of units keep their old value in each call."""

# fails: draws_each_entry as fixed_count
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
    stay = np.arange(new.size) < round(p * new.size)
    return np.where(rng.permutation(stay).reshape(new.shape), old, new)
