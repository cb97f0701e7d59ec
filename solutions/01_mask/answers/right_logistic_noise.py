"""Logistic noise on the log-odds, the form that Concrete dropout relaxes."""

import math

import numpy as np


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if p == 0 or p == 1:
        return np.full(shape, p == 0)
    log_odds = math.log1p(-p) - math.log(p)
    return np.asarray(log_odds + rng.logistic(size=shape) > 0)
