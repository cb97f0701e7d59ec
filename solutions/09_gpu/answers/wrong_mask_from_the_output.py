"""The mask is read off the output, where a kept zero looks dropped."""

# fails: gradient_has_the_same_mask as mask_guessed_from_values
import torch

from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, seed, offset):
        keep = torch.from_numpy(keep_mask(tuple(x.shape), p, seed, offset))
        y = torch.where(keep, x / (1 - p) if p < 1 else x, 0).to(x.dtype)
        ctx.save_for_backward(y)
        ctx.p = p
        return y

    @staticmethod
    def backward(ctx, dy):
        (y,) = ctx.saved_tensors
        return torch.where(y != 0, dy / (1 - ctx.p) if ctx.p < 1 else dy, 0), None, None, None
