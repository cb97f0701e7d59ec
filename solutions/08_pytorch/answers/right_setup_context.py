"""The new style of functions, with a context set up apart, which torch.func can map over a batch."""

import torch
from torch import nn


class DropoutFunction(torch.autograd.Function):
    """x / (1 - p) where keep, else 0."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x, keep, p):
        return torch.zeros_like(x) if p == 1 else (x / (1 - p)).masked_fill(~keep, 0)

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, keep, ctx.p = inputs
        ctx.save_for_backward(keep)

    @staticmethod
    def backward(ctx, dy):
        return DropoutFunction.apply(dy, *ctx.saved_tensors, ctx.p), None, None


class Dropout(nn.Module):
    """Bernoulli draws of bool, on the generator's device if there is one."""

    def __init__(self, p: float = 0.5, generator: torch.Generator | None = None):
        super().__init__()
        if p < 0 or p > 1 or p != p:
            raise ValueError(f"p = {p}")
        self.rate = p
        self.rng = generator

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training and self.rate > 0:
            device = x.device if self.rng is None else self.rng.device
            keep = torch.empty(x.shape, dtype=torch.bool, device=device)
            keep = keep.bernoulli_(1 - self.rate, generator=self.rng).to(x.device)
            x = DropoutFunction.apply(x, keep, self.rate)
        return x

    def extra_repr(self):
        return f"p={self.rate}"
