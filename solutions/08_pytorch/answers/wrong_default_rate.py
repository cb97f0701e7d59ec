"""Another default rate than the one that was agreed."""

# fails: kept_are_rescaled as wrong_rate

import torch


class DropoutFunction(torch.autograd.Function):
    """x / (1 - p) where keep, else 0."""

    @staticmethod
    def forward(ctx, x, keep, p):
        ctx.save_for_backward(keep)
        ctx.p = p
        scale = 1 / (1 - p) if p < 1 else 0.0
        return torch.where(keep, x * scale, torch.zeros_like(x))

    @staticmethod
    def backward(ctx, dy):
        (keep,) = ctx.saved_tensors
        return DropoutFunction.apply(dy, keep, ctx.p), None, None


class Dropout(torch.nn.Module):
    """Inverted dropout."""

    def __init__(self, p=0.1, generator=None):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"p must be in [0, 1], got {p}")
        self.p = p
        self.generator = generator

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = torch.rand(x.shape, generator=self.generator, device=x.device) >= self.p
        return DropoutFunction.apply(x, keep, self.p)
