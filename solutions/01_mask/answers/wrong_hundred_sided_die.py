"""Rolls a die with a hundred sides: p = 0.001 becomes p = 0.01 or nothing."""


# fails: rate_holds_at_extremes as coarse_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.integers(0, 100, size=shape) >= 100 * p
