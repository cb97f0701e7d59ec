"""Checks p < 0 and p > 1, which lets NaN through."""


# fails: rejects_bad_p as nan_not_rejected
def keep_mask(shape, p, rng):
    if p < 0 or p > 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape) >= p
