"""Draws one row of noise and gives it to each example."""

# fails: draws_each_entry as one_mask_for_the_batch
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
    noise = rng.standard_normal(x.shape[-1:])
    return (x * (1 + np.sqrt(p / (1 - p)) * noise)).astype(x.dtype)
