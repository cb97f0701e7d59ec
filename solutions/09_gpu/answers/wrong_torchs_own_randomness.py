"""The seed goes to torch's generator, whose masks are others."""

# fails: layer_drops_by_contract as None
import torch

from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, seed, offset):
        keep = torch.rand(x.shape, generator=torch.Generator().manual_seed(seed)) >= p
        ctx.drawn = p, seed, offset
        return torch.where(keep, x / (1 - p) if p < 1 else x, 0).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        return SeededDropout.apply(dy, *ctx.drawn), None, None, None
