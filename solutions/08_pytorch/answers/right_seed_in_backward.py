"""The layer keeps the generator's state instead of the mask, and draws the mask again for the gradient."""

import torch


class DropoutFunction(torch.autograd.Function):
    """x / (1 - p) where keep, else 0."""

    @staticmethod
    def forward(ctx, x, keep, p):
        ctx.save_for_backward(keep)
        ctx.p = p
        return torch.where(keep, x, 0.0) / (1 - p) if p < 1 else torch.zeros_like(x)

    @staticmethod
    def backward(ctx, dy):
        return DropoutFunction.apply(dy, *ctx.saved_tensors, ctx.p), None, None


class Replayed(torch.autograd.Function):
    """The same, with a mask drawn from a seed in either direction."""

    @staticmethod
    def forward(ctx, x, seed, p):
        ctx.seed, ctx.p = seed, p
        keep = torch.rand(x.shape, generator=torch.Generator().manual_seed(seed)) >= p
        scaled = x / (1 - p) if p < 1 else torch.zeros_like(x)
        return scaled.masked_fill(~keep.to(x.device), 0)

    @staticmethod
    def backward(ctx, dy):
        return Replayed.apply(dy, ctx.seed, ctx.p), None, None


class Dropout(torch.nn.Module):
    """Inverted dropout that stores eight bytes."""

    def __init__(self, p=0.5, generator=None):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p must be in [0, 1], got {p}")
        self.p, self.generator = p, generator

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        return Replayed.apply(x, int(torch.randint(2**62, (), generator=self.generator)), self.p)
