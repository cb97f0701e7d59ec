"""Tosses a fair coin whatever p says."""


# fails: rate_matches_p as wrong_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.integers(0, 2, size=shape).astype(bool)
