import torch
from keras.layers import Dropout


def attempt(p, x, **options):
    try:
        return Dropout(p, **options)(x, training=True)
    except ValueError:
        return "ValueError"


x = torch.ones(3, requires_grad=True)
y = attempt(1.0, x)
print("p = 1:          ", y.tolist(), "gradient", y.requires_grad)
print("p = 1.2:        ", attempt(1.2, x))
for options in ({"seed": 7}, {}):
    y = attempt(0.9, torch.full((1000,), torch.inf), **options)
    print("dropped inf:    ", "NaN" if y.isnan().any() else "0", options)
wide = torch.ones(2**20)  # float32: the layer's dtype decides
y = attempt(0.001, wide, dtype="bfloat16")
print("bfloat16, 0.001:", y.dtype, f"{(y == 0).double().mean().item():.1%}")
