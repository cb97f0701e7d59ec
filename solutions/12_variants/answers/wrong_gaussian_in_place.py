"""Multiplies the caller's array in place."""

# fails: inputs_and_dtype_kept as input_changed_in_place
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
    x *= rng.normal(1, np.sqrt(p / (1 - p)), x.shape)
    return x
