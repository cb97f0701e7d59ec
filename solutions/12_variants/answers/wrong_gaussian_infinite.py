"""Accepts p = 1, for which the variance is infinite."""

# fails: refuses_bad_p as impossible_edge_accepted
import numpy as np

from dropgrade.reference.noises import (  # noqa: F401
    alpha_dropout,
    alpha_terms,
    concrete,
    drop_connect,
    zoneout,
)


def gaussian(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    deviation = np.sqrt(p / (1 - p)) if p < 1 else 0
    return (x * rng.normal(1, deviation, x.shape)).astype(x.dtype)
