"""Winds the generator back after drawing, so that two calls share most of their numbers."""

# fails: calls_differ as frozen_mask
import math


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    keep = rng.random(shape) >= p
    rng.bit_generator.advance(min(0, 4 - math.prod(shape)))
    return keep
