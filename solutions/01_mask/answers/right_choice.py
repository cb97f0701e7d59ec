"""A weighted choice between True and False for every entry."""


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.choice([False, True], size=shape, p=[p, 1 - p])
