"""Remembers the first mask of each shape and hands it out again."""

# fails: calls_differ as frozen_mask
masks = {}


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if (shape, p) not in masks:
        masks[shape, p] = rng.random(shape) >= p
    return masks[shape, p]
