"""Spares the first unit of every example, as if it were a bias."""


# fails: entries_independent as wrong_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    keep = rng.random(shape) >= p
    if p < 1:
        keep[..., :1] = True
    return keep
