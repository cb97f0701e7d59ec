"""Elements are numbered column by column."""

# fails: mask_by_contract as None
import numpy as np
import torch

from dropgrade.reference.philox import philox4x32, words

philox = philox4x32


def keep_mask(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    drawn = words(int(np.prod(shape)), seed, offset)
    return (drawn >= round(p * 2**32)).reshape(shape, order="F")


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""
