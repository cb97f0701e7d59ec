"""Multiplies everything by the scale first, then overwrites what is dropped."""

import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.binomial(1, 1 - p, x.shape) == 1
    scale = 0.0 if p == 1 else 1.0 / (1.0 - float(p))
    y = np.array(x, copy=True)
    y[keep] *= scale
    y[~keep] = 0
    return y, keep
