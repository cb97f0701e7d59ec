"""Enlarges the new values as inverted dropout would."""

# fails: zoneout_contract as zoneout_rescales
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
    scale = 1 / (1 - p) if p < 1 else 1
    return np.where(rng.random(new.shape) < p, old, new * scale).astype(new.dtype)
