"""Draws before it asks for the mode."""

# fails: eval_draws_nothing as draws_in_eval
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
    stay = rng.random(new.shape) < p
    return np.where(stay, old, new) if training else p * old + (1 - p) * new
