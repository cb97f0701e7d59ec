"""A general weighted coin, specialised with functools.partial."""

import functools

import numpy as np


def coin(draw, shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    dropped = draw(rng, 0.0, 1.0, shape) < p
    return ~np.asarray(dropped)


keep_mask = functools.partial(coin, np.random.Generator.uniform)
