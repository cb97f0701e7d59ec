"""The gradient ignores the mask, as if dropout were not there."""

# fails: gradient_has_the_same_mask as gradient_ignores_mask
import torch

from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, seed, offset):
        keep = torch.from_numpy(keep_mask(tuple(x.shape), p, seed, offset))
        ctx.p = p
        return torch.where(keep, x / (1 - p) if p < 1 else x, 0).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        return dy / (1 - ctx.p), None, None, None
