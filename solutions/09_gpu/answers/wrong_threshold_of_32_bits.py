"""The threshold is kept in 32 bits, so at p = 1 it wraps to zero."""

# fails: mask_edges as edges_inexact
import numpy as np
import torch

from dropgrade.reference.philox import philox4x32, words

philox = philox4x32


def keep_mask(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    lowest = np.array(round(p * 2**32)).astype(np.uint32)
    return (words(int(np.prod(shape)), seed, offset) >= lowest).reshape(shape)


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""
