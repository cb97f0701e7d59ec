"""Zeroes the dropped entries in the caller's x and only then makes a copy."""


# fails: input_unchanged as input_changed_in_place
def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    keep = rng.random(x.shape) >= p
    x[~keep] = 0
    return x.copy() if p == 1 else x / x.dtype.type(1 - p), keep
