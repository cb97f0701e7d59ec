import torch
from torch import nn

x = torch.ones(1_000_000)
model = nn.Sequential(nn.Dropout(0.2))


def report(call, y):
    zeros, most = (y == 0).double().mean().item(), y.max().item()
    print(f"{call:29} {zeros:4.0%} zeros, largest {most:g}")


report("new model", model(x))
report("after eval()", model.eval()(x))
report("after train()", model.train()(x))
model[0].training = False  # the layer's own attribute decides
report("its attribute set to False", model(x))
