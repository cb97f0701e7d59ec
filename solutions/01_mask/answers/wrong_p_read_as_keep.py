"""Reads p as the probability of keeping, as the 2014 paper and CS231n write it."""


# fails: rate_matches_p as keep_drop_swapped
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.binomial(1, p, size=shape).astype(bool)
