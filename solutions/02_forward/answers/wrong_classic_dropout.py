"""The 2014 recipe: no scale in training, times 1 - p in eval mode."""

# fails: eval_is_identity as scaled_in_eval
import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return (x * (1 - p)).astype(x.dtype), None
    keep = rng.random(x.shape) >= p
    return np.where(keep, x, 0).astype(x.dtype), keep
