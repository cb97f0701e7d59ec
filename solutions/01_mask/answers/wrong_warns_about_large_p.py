"""Warns about a large p, which is none of its business."""

# fails: quiet as noisy
import warnings


def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    if p > 0.5:
        warnings.warn("more than half of the units will be dropped", stacklevel=2)
    return rng.random(shape) >= p
