"""Dropout is switched off for good."""

# fails: eval_reaches_every_layer as repair_changes_more
from dropgrade.reference.repairs import *  # noqa: F403


def make_heads(count, p):
    import torch

    class Heads(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.drops = torch.nn.ModuleList(torch.nn.Dropout(p) for _ in range(count))

        def forward(self, x, task):
            return torch.nn.functional.dropout(x, p, training=False)

    return Heads()
