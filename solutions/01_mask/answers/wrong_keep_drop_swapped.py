"""Keep and drop swapped: True marks the entries that fall below p."""


# fails: rate_matches_p as keep_drop_swapped
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.random(shape) < p
