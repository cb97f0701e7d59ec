"""Forgets the scale of what is kept."""

# fails: drop_connect_contract as no_rescale
import numpy as np

from dropgrade.reference.noises import alpha_dropout, alpha_terms, concrete, gaussian, zoneout  # noqa: F401


def drop_connect(x, w, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x @ w
    if p == 1:
        return np.zeros_like(x @ w)
    keep = rng.random((len(x), *w.shape)) >= p
    return np.einsum("bi,bij->bj", x, np.where(keep, w, 0))
