"""One binomial trial an entry, turned into truth values."""


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return rng.binomial(1, 1 - p, size=shape).astype(bool)
