"""Returns the binomial draws as integers."""


# fails: returns_bool_mask as mask_not_bool
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.binomial(1, 1 - p, size=shape)
