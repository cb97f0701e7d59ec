"""Refuses p = 0 although it is a legal probability."""


# fails: edges_are_exact as p_edges_rejected
def keep_mask(shape, p, rng):
    if not 0 < p <= 1:
        raise ValueError(f"p must be in (0, 1], got {p}")
    return rng.random(shape) >= p
