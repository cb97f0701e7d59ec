import warnings

import torch
from torch import nn

warnings.simplefilter("ignore")  # both calls are deprecated
x = torch.ones(1000)
for training in (True, False):
    model = nn.Sequential(nn.Dropout(0.5)).train(training)
    print(f"exported in {'train' if training else 'eval'}():")
    for name, exported in (
        ("script", torch.jit.script(model)),
        ("trace", torch.jit.trace(model, x, check_trace=False)),
    ):
        modes = (exported.train(mode)(x) for mode in (True, False))
        drops = [bool((y == 0).any()) for y in modes]
        print(f"  {name:7} drops after train(), eval():", drops)
