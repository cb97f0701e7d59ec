"""Uses assert, so the caller sees AssertionError, and with python -O nothing."""

# fails: rejects_bad_p as raises_wrong_error
import numpy as np


def dropout_forward(x, p, training, rng):
    assert 0 <= p <= 1, "p must be in [0, 1]"
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x), keep
    return np.where(keep, x / (1 - p), 0).astype(x.dtype), keep
