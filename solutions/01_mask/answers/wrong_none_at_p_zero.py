"""Returns no mask at all when p = 0."""


# fails: edges_are_exact as wrong_return
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if p == 0:
        return None
    return rng.random(shape) >= p
