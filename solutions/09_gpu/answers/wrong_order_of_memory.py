"""Elements are numbered as they lie in memory."""

# fails: any_layout as drops_by_memory_layout
import torch

from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, seed, offset):
        keep = torch.empty_like(x, dtype=torch.bool)
        flat = torch.from_numpy(keep_mask((x.numel(),), p, seed, offset))
        torch.as_strided(keep, (x.numel(),), (1,)).copy_(flat)
        ctx.drawn = p, seed, offset
        return torch.where(keep, x / (1 - p) if p < 1 else x, 0).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        return SeededDropout.apply(dy, *ctx.drawn), None, None, None
