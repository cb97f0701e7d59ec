"""Each element takes the first word of a block of its own."""

# fails: mask_by_contract as one_word_of_four
import numpy as np
import torch

from dropgrade.reference.philox import philox4x32, words

philox = philox4x32


def keep_mask(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    drawn = words(4 * int(np.prod(shape)), seed, offset)[::4]
    return (drawn >= round(p * 2**32)).reshape(shape)


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""
