"""Prints a complaint about p instead of raising ValueError."""


# fails: rejects_bad_p as p_not_validated
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        print("p must be between 0 and 1")
        return None
    return rng.random(shape) >= p
