"""Draws uniform numbers between -1 and 1 instead of between 0 and 1."""


# fails: rate_matches_p as wrong_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.uniform(-1, 1, size=shape) >= p
