"""Forgets the scale of what is kept."""

# fails: concrete_contract as no_rescale
import numpy as np

from dropgrade.reference.noises import (  # noqa: F401
    alpha_dropout,
    alpha_terms,
    drop_connect,
    gaussian,
    zoneout,
)


def concrete(x, p, t, training, rng):
    if not (0 < p < 1 and t > 0):
        raise ValueError(f"p must be in (0, 1) and t above 0, got {p} and {t}")
    if not training:
        return x
    u = rng.uniform(1e-12, 1 - 1e-12, x.shape)
    logits = np.log(p / (1 - p)) + np.log(u / (1 - u))
    return (x * (1 - np.tanh(logits / (2 * t))) / 2).astype(x.dtype)
