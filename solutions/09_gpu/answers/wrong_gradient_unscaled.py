"""The gradient passes the mask at its old size."""

# fails: gradient_has_the_same_mask as gradient_not_rescaled
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
        return (
            torch.where(torch.from_numpy(keep_mask(tuple(dy.shape), p, seed, offset)), dy, 0),
            None,
            None,
            None,
        )
