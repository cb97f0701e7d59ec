"""Only the lower word of the counter is filled."""

# fails: all_64_bits as offset_cut_or_ignored
import numpy as np
import torch

from dropgrade.reference.philox import philox4x32

philox = philox4x32


def keep_mask(shape, p, seed, offset):
    if not 0 <= p <= 1:
        raise ValueError(f"p must be in [0, 1], got {p}")
    n = int(np.prod(shape))
    counter = np.zeros((-(-n // 4), 4), dtype=np.uint32)
    counter[:, 0] = (offset + np.arange(len(counter))) % 2**32
    drawn = philox(counter, (seed % 2**32, seed >> 32)).ravel()[:n]
    return (drawn >= round(p * 2**32)).reshape(shape)


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""
