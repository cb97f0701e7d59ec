"""Gaussian noise cut at its p-quantile."""

from statistics import NormalDist

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if p == 0 or p == 1:
        return np.full(shape, p == 0)
    return np.asarray(rng.standard_normal(shape) >= NormalDist().inv_cdf(p))
