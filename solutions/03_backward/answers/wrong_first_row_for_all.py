"""Uses the first example's mask for the whole batch."""

# fails: gradient_uses_given_mask as one_mask_for_the_batch
import numpy as np


def dropout_backward(dy, keep, p):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if keep is None:
        return dy
    if p == 1:
        return np.zeros_like(dy)
    return np.where(keep[:1], dy / (1 - p), 0).astype(dy.dtype)
