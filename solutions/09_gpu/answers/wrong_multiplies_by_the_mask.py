"""The mask is multiplied, so a dropped inf becomes NaN."""

# fails: layer_edges as multiplies_instead_of_selects
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
        return (x * keep * (1 / (1 - p) if p < 1 else 1)).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        return SeededDropout.apply(dy, *ctx.drawn), None, None, None
