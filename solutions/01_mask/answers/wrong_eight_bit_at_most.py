"""Compares random bytes by <= with a threshold of 255 steps."""


# fails: rate_holds_at_extremes as coarse_rate
def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return (rng.integers(0, 256, size=shape) <= int(255 * (1 - p))) & (p < 1)
