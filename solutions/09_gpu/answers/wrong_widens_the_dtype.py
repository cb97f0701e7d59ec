"""Everything is computed, and returned, in float64."""

# fails: layer_drops_by_contract as dtype_changed
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
        return torch.where(keep, x.double() / (1 - p) if p < 1 else x.double(), 0.0)

    @staticmethod
    def backward(ctx, dy):
        return SeededDropout.apply(dy, *ctx.drawn), None, None, None
