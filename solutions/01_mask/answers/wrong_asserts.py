"""Uses assert, so the caller sees AssertionError, and with python -O nothing."""


# fails: rejects_bad_p as raises_wrong_error
def keep_mask(shape, p, rng):
    assert 0 <= p <= 1, "p must be in [0, 1]"
    return rng.random(shape) >= p
