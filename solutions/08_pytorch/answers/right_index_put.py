"""The mask as a list of dropped places, and a function that fills them with zeros in a copy."""

import torch


class DropoutFunction(torch.autograd.Function):
    """x / (1 - p) where keep, else 0."""

    @staticmethod
    def forward(ctx, x, keep, p):
        ctx.save_for_backward(keep)
        ctx.p = p
        y = x.clone(memory_format=torch.contiguous_format)
        y[~keep] = 0
        return y.div_(1 - p) if p < 1 else y

    @staticmethod
    def backward(ctx, dy):
        return DropoutFunction.apply(dy, ctx.saved_tensors[0], ctx.p), None, None


class Dropout(torch.nn.Module):
    """Inverted dropout; an integer lottery decides which places are dropped."""

    def __init__(self, p=0.5, generator=None):
        super().__init__()
        if not (p >= 0 and p <= 1):
            raise ValueError("p must lie between 0 and 1")
        self.threshold = round(p * 2**40)
        self.p = p
        self.generator = generator

    def extra_repr(self):
        return f"p={self.p}"

    def forward(self, x):
        if not self.training:
            return x
        lots = torch.randint(2**40, x.shape, generator=self.generator, device=x.device)
        return DropoutFunction.apply(x, lots >= self.threshold, self.p)
