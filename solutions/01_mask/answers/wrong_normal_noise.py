"""Compares Gaussian noise, not uniform numbers, with p."""


# fails: rate_matches_p as wrong_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.standard_normal(shape) >= p
