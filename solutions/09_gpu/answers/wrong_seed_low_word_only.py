"""The upper half of the key is zero."""

# fails: all_64_bits as seed_cut_to_32_bits
import numpy as np
import torch

from dropgrade.reference.philox import philox4x32, words

philox = philox4x32


def keep_mask(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    drawn = words(int(np.prod(shape)), seed % 2**32, offset)
    return (drawn >= round(p * 2**32)).reshape(shape)


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""
