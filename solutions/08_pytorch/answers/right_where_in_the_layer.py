"""The layer selects with torch.where and leaves the gradient to autograd; the function stands beside it."""

import torch
from torch import nn


class DropoutFunction(torch.autograd.Function):
    """x / (1 - p) where keep, else 0; the gradient uses differentiable operations."""

    @staticmethod
    def forward(ctx, x, keep, p):
        ctx.save_for_backward(keep)
        ctx.scale = 1.0 / (1.0 - p) if p != 1 else 0.0
        return torch.where(keep, x * ctx.scale, 0)

    @staticmethod
    def backward(ctx, dy):
        (keep,) = ctx.saved_tensors
        return torch.where(keep, dy * ctx.scale, 0), None, None


class Dropout(nn.Module):
    """Inverted dropout."""

    def __init__(self, p=0.5, generator=None):
        super().__init__()
        if not 0 <= float(p) <= 1:
            raise ValueError(f"drop probability {p}")
        self.p, self.generator = float(p), generator

    def forward(self, x):
        if not self.training:
            return x.clone()
        u = torch.rand(x.size(), generator=self.generator, device=x.device, dtype=torch.float64)
        scale = 0.0 if self.p == 1 else 1 / (1 - self.p)
        return torch.where(u < self.p, torch.zeros((), dtype=x.dtype, device=x.device), scale * x)
