"""Returns y without the mask, so the backward pass has nothing to work with."""

# fails: returns_output_and_mask as wrong_return
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x
    keep = rng.random(x.shape) >= p
    if p == 1:
        return np.zeros_like(x)
    return np.where(keep, x / (1 - p), 0).astype(x.dtype)
