"""The backward pass leaves autograd, so its own gradient is unknown."""

# fails: differentiable_twice as not_differentiable_twice
import torch

from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, seed, offset):
        keep = torch.from_numpy(keep_mask(tuple(x.shape), p, seed, offset))
        ctx.drawn = p, seed, offset
        return torch.where(keep, x / (1 - p) if p < 1 else x, 0).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        p, seed, offset = ctx.drawn
        keep = torch.from_numpy(keep_mask(tuple(dy.shape), p, seed, offset))
        return torch.where(keep, dy.detach() / (1 - p) if p < 1 else dy.detach(), 0), None, None, None
