"""Leaves a debugging line on stderr."""

# fails: quiet as noisy
import sys


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    print(f"keep_mask: {shape} p={p}", file=sys.stderr)
    return rng.random(shape) >= p
