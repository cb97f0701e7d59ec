"""Clips p away from 1, so a few entries survive p = 1."""


# fails: edges_are_exact as wrong_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape) >= min(p, 0.999)
