"""Matches both moments with uniform noise."""

# fails: gaussian_contract as wrong_distribution
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
    half_width = np.sqrt(3 * p / (1 - p))
    return (x * rng.uniform(1 - half_width, 1 + half_width, x.shape)).astype(x.dtype)
