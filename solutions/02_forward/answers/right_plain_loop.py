"""A plain Python loop over the flat entries."""

import numpy as np


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    values, flags = [], []
    for value in x.ravel().tolist():
        kept = rng.random() >= p
        flags.append(kept)
        values.append(value / (1 - p) if kept else 0.0)
    keep = np.array(flags, dtype=bool).reshape(x.shape)
    return np.array(values, dtype=x.dtype).reshape(x.shape), keep
