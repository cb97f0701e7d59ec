"""Lets the float64 noise widen a float32 input."""

# fails: inputs_and_dtype_kept as dtype_widened
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
    return x * rng.normal(1, np.sqrt(p / (1 - p)), x.shape)
