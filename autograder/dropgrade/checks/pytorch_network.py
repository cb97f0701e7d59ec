"""Training pairs of small networks that differ in a learner's layer: the last scene of 08_pytorch.

All pairs are trained at once, each matrix product being a batch of products: that is several times faster
than one network after the other.
"""

import hashlib
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


class NotATensor(Exception):
    """A layer returned something else; the message is the name of its type."""


def tensor_from(layer: Any, x: Tensor) -> Tensor:
    """What the layer makes of x; raises `NotATensor`."""
    y = layer(x)
    if not isinstance(y, Tensor):
        raise NotATensor(type(y).__name__)
    return y


class Networks(nn.Module):
    """Several networks of the same shape side by side: two hidden layers, each followed by a layer of `make`.

    Args:
        make: gives the layer for a number 0 or 1; None for networks without.
        count: of networks.
        width: units in a hidden layer.
    """

    def __init__(self, make: Any, count: int, width: int) -> None:
        super().__init__()
        sizes = (196, width, width, 10)
        self.weights = nn.ParameterList(
            (2 * torch.rand(count, a, b) - 1) / a**0.5 for a, b in pairwise(sizes)
        )
        self.biases = nn.ParameterList(torch.zeros(count, 1, b) for b in sizes[1:])
        self.drops = nn.ModuleList(make(k) if make else nn.Identity() for k in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (count, batch, 10) of images (count, batch, 196)."""
        for weight, bias, drop in zip(self.weights, self.biases, self.drops, strict=False):
            x = tensor_from(drop, torch.baddbmm(bias, x, weight).relu())
        return torch.baddbmm(self.biases[-1], x, self.weights[-1])


def training(make: type, data: dict[str, np.ndarray], plan: dict[str, Any]) -> dict[str, np.ndarray]:
    """Train pairs of networks that differ in the learner's layer alone.

    Args:
        data: "images" float32 (n, 196), "labels" int64 (pairs, n), "unseen" float32 (m, 196).
        plan: "seed", "steps", "batch", "width", "p", "step size".

    Returns:
        The classes (pairs, m) that networks "without" and "with" the layer give to "unseen".
    """

    def layer(k: int) -> nn.Module:
        return make(plan["p"], generator=torch.Generator().manual_seed(plan["seed"] + k))

    tensors = {name: torch.tensor(values) for name, values in data.items()}
    about = str(plan) + hashlib.sha256(data["images"].tobytes() + data["labels"].tobytes()).hexdigest()
    if about not in WITHOUT:
        WITHOUT[about] = fit(None, tensors, plan)
    return {"without": WITHOUT[about], "with": fit(layer, tensors, plan)}


WITHOUT: dict[str, np.ndarray] = {}
"""What networks without the layer said: the same for every layer, so many layers under one seed pay once."""


def fit(make: Any, data: dict[str, Tensor], plan: dict[str, Any]) -> np.ndarray:
    """Train one arm; returns the classes it gives to the unseen images in evaluation."""
    torch.manual_seed(plan["seed"])
    count, n = data["labels"].shape
    model = Networks(make, count, plan["width"])
    optimiser = torch.optim.Adam(model.parameters(), lr=plan["step size"])
    order = torch.Generator().manual_seed(plan["seed"] + 2)
    for _ in range(plan["steps"]):
        chosen = torch.randint(n, (count, plan["batch"]), generator=order)
        logits = model(data["images"][chosen])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), data["labels"].gather(1, chosen).flatten())
        optimiser.zero_grad()
        (count * loss).backward()
        optimiser.step()
    with torch.no_grad():
        return model.eval()(data["unseen"].expand(count, -1, -1)).argmax(dim=2).numpy()
