"""The layers are registered, with the default rate of 0.5."""

# fails: eval_reaches_every_layer as repair_changes_more
from dropgrade.reference.repairs import *  # noqa: F403


def make_heads(count, p):
    import torch

    class Heads(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.drops = torch.nn.ModuleList(torch.nn.Dropout() for _ in range(count))

        def forward(self, x, task):
            return self.drops[task](x)

    return Heads()
