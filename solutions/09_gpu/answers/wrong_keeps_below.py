"""An element is kept, not dropped, if its word is below the threshold."""

# fails: mask_by_contract as keep_drop_swapped
import numpy as np
import torch

from dropgrade.reference.philox import philox4x32, words

philox = philox4x32


def keep_mask(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    return (words(int(np.prod(shape)), seed, offset) < round(p * 2**32)).reshape(shape)


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""
