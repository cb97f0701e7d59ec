"""Does not check p at all."""


# fails: rejects_bad_p as p_not_validated
def keep_mask(shape, p, rng):
    return rng.random(shape) >= p
