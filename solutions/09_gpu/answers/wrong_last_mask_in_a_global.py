"""The mask of the latest call waits in a global, so another call in between takes its place."""

# fails: gradient_has_the_same_mask as new_mask_in_backward
import torch

from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, seed, offset):
        keep = torch.from_numpy(keep_mask(tuple(x.shape), p, seed, offset))
        LATEST["keep"], ctx.p = keep, p
        return torch.where(keep, x / (1 - p) if p < 1 else x, 0).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        return torch.where(LATEST["keep"], dy / (1 - ctx.p) if ctx.p < 1 else dy, 0), None, None, None


LATEST = {}
