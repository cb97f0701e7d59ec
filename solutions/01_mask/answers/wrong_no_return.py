"""Computes the mask and forgets to return it."""


# fails: returns_bool_mask as wrong_return
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    keep = rng.random(shape) >= p
    assert keep.shape == shape
