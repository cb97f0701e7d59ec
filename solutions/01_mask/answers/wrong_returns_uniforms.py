"""Returns the uniform numbers and forgets to compare them with p."""


# fails: returns_bool_mask as mask_not_bool
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape)
