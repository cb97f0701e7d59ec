"""Keeps its random numbers in a default argument, so every call reuses them."""


# fails: calls_differ as frozen_mask
def keep_mask(shape, p, rng, cache={}):  # noqa: B006
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if shape not in cache:
        cache[shape] = rng.random(shape)
    return cache[shape] >= p
