"""The dropout layers are kept in a plain list."""

# fails: eval_reaches_every_layer as unregistered_layers
from dropgrade.reference.repairs import *  # noqa: F403


def make_heads(count, p):
    import torch

    class Heads(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.drops = [torch.nn.Dropout(p) for _ in range(count)]

        def forward(self, x, task):
            return self.drops[task](x)

    return Heads()
