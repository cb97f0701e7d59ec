"""Adds the noise instead of multiplying with it."""

# fails: gaussian_contract as noise_added
import numpy as np

from dropgrade.reference.noises import (  # noqa: F401
    alpha_dropout,
    alpha_terms,
    concrete,
    drop_connect,
    zoneout,
)


def gaussian(x, p, training, rng):
    if not 0 <= p < 1:
        raise ValueError(f"p must be in [0, 1), got {p}")
    if not training:
        return x
    return (x + rng.normal(0, np.sqrt(p / (1 - p)), x.shape)).astype(x.dtype)
