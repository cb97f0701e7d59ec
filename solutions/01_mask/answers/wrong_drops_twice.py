"""Combines two masks, so an entry has to survive two draws."""


# fails: rate_matches_p as wrong_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    once, again = rng.random(shape) >= p, rng.random(shape) >= p
    return once & again
