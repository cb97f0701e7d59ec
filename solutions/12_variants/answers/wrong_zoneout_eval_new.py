"""Returns the new state in evaluation, as dropout returns x."""

# fails: evaluates_to_the_mean as eval_not_the_mean
import numpy as np

from dropgrade.reference.noises import (  # noqa: F401
    alpha_dropout,
    alpha_terms,
    concrete,
    drop_connect,
    gaussian,
)


def zoneout(old, new, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return np.where(rng.random(new.shape) < p, old, new) if training else new
