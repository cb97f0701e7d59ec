"""No p is refused."""

# fails: mask_edges as p_not_validated
import numpy as np
import torch

from dropgrade.reference.philox import philox4x32, words

philox = philox4x32


def keep_mask(shape, p, seed, offset):
    return (words(int(np.prod(shape)), seed, offset) >= round(p * 2**32)).reshape(shape)


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""
