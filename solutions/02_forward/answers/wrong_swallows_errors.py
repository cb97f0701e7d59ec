"""Catches every exception and returns x unchanged."""

# fails: rejects_bad_p as p_not_validated
import numpy as np


def dropout_forward(x, p, training, rng):
    try:
        if not training:
            return x, None
        keep = rng.binomial(1, 1 - p, x.shape).astype(bool)
        return np.where(keep, x / (1 - p or 1), 0).astype(x.dtype), keep
    except Exception:
        return x, None
