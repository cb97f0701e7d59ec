"""Computes y correctly but returns the mask of what was dropped."""

# fails: rate_matches_p as keep_drop_swapped


def dropout_forward(x, p, training, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if not training:
        return x, None
    drop = rng.random(x.shape) < p
    y = x.copy() if p == 1 else x / x.dtype.type(1 - p)
    y[drop] = 0
    return y, drop
