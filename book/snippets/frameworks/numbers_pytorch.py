import torch
from torch import nn


def attempt(p, x):
    try:
        return nn.Dropout(p)(x)
    except ValueError:
        return "ValueError"


x = torch.ones(3, requires_grad=True)
y = attempt(1.0, x)
y.sum().backward()
print("p = 1:          ", y.tolist(), "gradient", x.grad.tolist())
print("p = 1.2:        ", attempt(1.2, x))
print("dropped inf:    ", attempt(1.0, torch.tensor([torch.inf])).tolist())
wide = torch.ones(2**20, dtype=torch.bfloat16)
y = attempt(0.001, wide)
print("bfloat16, 0.001:", y.dtype, f"{(y == 0).double().mean().item():.1%}")
