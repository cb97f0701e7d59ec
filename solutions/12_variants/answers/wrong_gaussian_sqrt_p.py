"""Gives the noise the variance p, which is not dropout's."""

# fails: gaussian_contract as variance_not_matched
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
    return (x * rng.normal(1, np.sqrt(p), x.shape)).astype(x.dtype)
