"""Unpacks the shape into rows and columns, so vectors and images crash."""


# fails: returns_bool_mask as crashes
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    rows, columns = shape
    return rng.random((rows, columns)) >= p
