"""Takes p for a percentage and divides it by 100."""


# fails: rate_matches_p as wrong_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape) >= p / 100
