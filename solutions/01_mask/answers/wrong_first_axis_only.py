"""Uses only the first number of the shape."""


# fails: returns_bool_mask as wrong_shape
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape[0]) >= p
