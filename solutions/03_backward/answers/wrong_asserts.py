"""Uses assert, so the caller sees AssertionError, and with python -O nothing."""

# fails: rejects_bad_p as raises_wrong_error
import numpy as np


def dropout_backward(dy, keep, p):
    assert 0 <= p <= 1, "p must be in [0, 1]"
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep, dy / (1 - p), 0).astype(dy.dtype)
