"""Puts the generator back to where it was, so the next call draws the same mask."""


# fails: calls_differ as frozen_mask
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    before = rng.bit_generator.state
    keep = rng.random(shape) >= p
    rng.bit_generator.state = before
    return keep
