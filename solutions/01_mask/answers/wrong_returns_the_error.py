"""Returns a ValueError instead of raising it."""


# fails: rejects_bad_p as p_not_validated
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        return ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape) >= p
