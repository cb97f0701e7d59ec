"""Does not check p at all."""

# fails: rejects_bad_p as p_not_validated
import numpy as np


def dropout_backward(dy, keep, p):
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep, dy / (1 - p), 0).astype(dy.dtype)
