"""Counts the thousand sides of its die from 1 to 1000 and keeps only above, not at, the limit."""


# fails: edges_are_exact as wrong_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.integers(1, 1001, size=shape) > 1000 * p + 1
