"""All first words are dealt before all second ones."""

# fails: mask_by_contract as words_dealt_lane_by_lane
import numpy as np
import torch

from dropgrade.reference.philox import philox4x32, words

philox = philox4x32


def keep_mask(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = int(np.prod(shape))
    drawn = words(-(-n // 4) * 4, seed, offset).reshape(-1, 4).T.ravel()[:n]
    return (drawn >= round(p * 2**32)).reshape(shape)


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""
