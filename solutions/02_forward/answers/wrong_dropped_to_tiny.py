"""Sets what is dropped to a tiny number instead of zero."""

# fails: output_follows_mask as mask_not_applied
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    y = np.full_like(x, 1e-6)
    if p < 1:
        y[keep] = x[keep] / (1 - p)
    return y, keep
