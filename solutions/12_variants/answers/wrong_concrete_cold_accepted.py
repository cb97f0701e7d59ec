"""Accepts a temperature of 0 and below."""

# fails: refuses_bad_p as temperature_not_validated
import numpy as np

from dropgrade.reference.noises import (  # noqa: F401
    alpha_dropout,
    alpha_terms,
    drop_connect,
    gaussian,
    zoneout,
)


def concrete(x, p, t, training, rng):
    if not 0 < p < 1:
        raise ValueError(f"p must be in (0, 1) and t above 0, got {p} and {t}")
    if not training:
        return x
    u = rng.uniform(1e-12, 1 - 1e-12, x.shape)
    with np.errstate(all="ignore"):
        logits = (np.log(p / (1 - p)) + np.log(u / (1 - u))) / np.float64(t)
    return (x * (1 - np.tanh(logits / 2)) / 2 / (1 - p)).astype(x.dtype)
