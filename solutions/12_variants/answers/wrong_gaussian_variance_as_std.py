"""Scales the normal variable by the variance."""

# fails: gaussian_contract as std_for_variance
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
    return (x * (1 + p / (1 - p) * rng.standard_normal(x.shape))).astype(x.dtype)
