"""Multiplies by the mask and silences the warning: a dropped inf still becomes NaN."""

# fails: nonfinite_entries_dropped as multiplies_instead_of_selects
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    scale = 1 / (1 - p) if p < 1 else 0.0
    with np.errstate(all="ignore"):
        return x * keep * x.dtype.type(scale), keep
