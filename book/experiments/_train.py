"""One network, many ways to regularise it: what most experiments train.

A multilayer perceptron with ReLU on the embedded digits or on Fashion-MNIST. `DEFAULTS` lists every setting
with its neutral value; an arm names what differs. Start, data order, masks and subset come from generators
of one seed, so that arms which share a seed are paired.
"""

import itertools
import math
import time
from collections.abc import Iterator, Mapping

import torch
from _tasks import Task, shifted, task
from torch import nn
from torch.nn import functional

BATCH = 100
DEFAULTS = {
    "fashion": 0,  # 1: Fashion-MNIST instead of the digits
    "n": 0,  # training images, a subset drawn for each seed; 0: all
    "shuffled": 0,  # 1: labels of the training images in random order
    "width": 256,
    "depth": 2,  # hidden layers
    "p": 0.0,  # drop rate of the hidden layers
    "p_in": 0.0,  # drop rate of the input
    "gaussian": 0,  # 1: multiply by N(1, p/(1-p)) instead of a mask
    "weights": 0,  # 1: drop weights of the hidden and last layers (DropConnect) instead of units
    "norm": 0,  # 1: BatchNorm before each ReLU
    "last": 0,  # 1: dropout after the last hidden layer alone
    "boosting": 0,  # 1: the same masks, but the error of the whole network in every update
    "l1": 0.0,
    "l2": 0.0,
    "max_norm": 0.0,  # bound on the norm of a unit's incoming weights; 0: none
    "shift": 0,  # training images moved by up to so many pixels
    "sgd": 0,  # 1: SGD with momentum 0.95 instead of Adam
    "rate": 1e-3,  # learning rate
    "constant": 0,  # 1: constant learning rate instead of a cosine to 0
    "steps": 2_000,
    "early": 0,  # 1: keep the weights that were best on the validation images
    "from_step": 0.0,  # dropout is on in this part of the training ...
    "to_step": 1.0,
}


class Net(nn.Module):
    """Hidden layers of equal width; masks and noise from a generator of the network's own."""

    def __init__(self, settings: Mapping[str, float], seed: int) -> None:
        super().__init__()
        start = torch.Generator().manual_seed(seed)
        sizes = (784, *[int(settings["width"])] * int(settings["depth"]), 10)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(sizes))
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=start)
            nn.init.zeros_(layer.bias)
        self.norms = nn.ModuleList(nn.BatchNorm1d(size) for size in sizes[1:-1] if settings["norm"])
        self.settings = dict(settings)
        self.noise = torch.Generator().manual_seed(seed + 2_000_003)
        self.on = True

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits float32 (n, 10) of images float32 (n, 784)."""
        x = self.drop(x, self.settings["p_in"])
        for place, layer in enumerate(self.layers[:-1]):
            x = self.linear(layer, x, dropping=place > 0)
            if self.norms:
                x = self.norms[place](x)
            x = torch.relu(x)
            is_last = place == len(self.layers) - 2
            if not self.settings["weights"] and (is_last or not self.settings["last"]):
                x = self.drop(x, self.settings["p"])
        return self.linear(self.layers[-1], x, dropping=True)

    def drop(self, x: torch.Tensor, p: float) -> torch.Tensor:
        """Noise of mean 1 and variance p/(1-p) on every entry while training; else the identity."""
        if not (self.training and self.on and p):
            return x
        if self.settings["gaussian"]:
            return x * (1 + math.sqrt(p / (1 - p)) * torch.randn(x.shape, generator=self.noise))
        keep = torch.rand(x.shape, generator=self.noise) >= p
        return torch.where(keep, x / (1 - p), 0.0)

    def linear(self, layer: nn.Linear, x: torch.Tensor, dropping: bool) -> torch.Tensor:
        """A layer; with DropConnect one mask of its weights a batch."""
        if not (dropping and self.settings["weights"]):
            return layer(x)
        return functional.linear(x, self.drop(layer.weight, self.settings["p"]), layer.bias)


def fit(settings: Mapping[str, float], seed: int) -> tuple[Net, Task, float]:
    """Train one network.

    Args:
        settings: what differs from DEFAULTS; an unknown name is an error.
        seed: any non-negative integer.

    Returns:
        The network in eval mode, its data, and the CPU seconds of the training.
    """
    if unknown := sorted({*settings} - {*DEFAULTS}):
        raise ValueError(f"settings must be of DEFAULTS, got {', '.join(unknown)}")
    full = {**DEFAULTS, **settings}
    torch.set_num_threads(1)
    data, net = task(full, seed), Net(full, seed)
    start = time.process_time()
    best = _Best(net, data) if full["early"] else None
    for step in updates(net, data, full, seed):
        if best and step % 100 == 99:
            best.look()
    if best:
        best.look()
        best.restore()
    return net.eval(), data, time.process_time() - start


def updates(net: Net, data: Task, full: Mapping[str, float], seed: int) -> Iterator[int]:
    """Train step by step; yields the number of each update when it is done."""
    optimizer, steps = _optimizer(net, full), int(full["steps"])
    order = torch.Generator().manual_seed(seed + 1_000_003)
    moves = torch.Generator().manual_seed(seed + 3_000_017)
    net.train()
    for step, chosen in enumerate(batches(len(data.train.labels), steps, order)):
        if not full["constant"]:
            for group in optimizer.param_groups:
                group["lr"] = full["rate"] * 0.5 * (1 + math.cos(math.pi * step / steps))
        net.on = full["from_step"] * steps <= step < full["to_step"] * steps
        images, labels = data.train.images[chosen], data.train.labels[chosen]
        if full["shift"]:
            images = shifted(images, int(full["shift"]), moves)
        optimizer.zero_grad()
        loss(net, images, labels, full).backward()
        optimizer.step()
        if full["max_norm"]:
            clip(net, full["max_norm"])
        yield step


def loss(net: Net, images: torch.Tensor, labels: torch.Tensor, full: Mapping[str, float]) -> torch.Tensor:
    """What is minimised: cross-entropy, an L1 term; with `boosting` the whole network's error instead.

    Source: wardefarley2014empirical ("dropout boosting"): masks as in dropout, but every update reduces the
    loss of the whole network, so that the members do not learn to predict on their own.
    """
    logits = net(images)
    if full["boosting"]:
        with torch.no_grad():
            net.eval()
            error = net(images).softmax(1) - functional.one_hot(labels, 10)
            net.train()
        return (logits * error).sum() / len(labels)
    total = functional.cross_entropy(logits, labels)
    if full["l1"]:
        total = total + full["l1"] * sum(layer.weight.abs().sum() for layer in net.layers)
    return total


@torch.no_grad()
def clip(net: Net, bound: float) -> int:
    """Scale each hidden unit's incoming weights down to the bound; how many were above it."""
    clipped = 0
    for layer in net.layers[:-1]:
        norms = layer.weight.norm(dim=1, keepdim=True)
        clipped += int((norms > bound).sum())
        layer.weight.mul_((bound / norms).clamp(max=1))
    return clipped


def batches(n: int, steps: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Index tensors of BATCH images (all of them if there are fewer), a fresh permutation every epoch."""
    size = min(BATCH, n)
    for step in range(steps):
        place = step % (n // size)
        if place == 0:
            order = torch.randperm(n, generator=generator)
        yield order[place * size : (place + 1) * size]


class _Best:
    """The weights with the lowest validation NLL so far."""

    def __init__(self, net: Net, data: Task) -> None:
        self.net, self.data, self.lowest, self.kept = net, data, math.inf, None

    def look(self) -> None:
        """Score in eval mode; the network goes on training."""
        self.net.eval()
        with torch.no_grad():
            nll = float(
                functional.cross_entropy(self.net(self.data.validation.images), self.data.validation.labels)
            )
        self.net.train()
        if nll < self.lowest:
            self.lowest = nll
            self.kept = {name: tensor.clone() for name, tensor in self.net.state_dict().items()}

    def restore(self) -> None:
        self.net.load_state_dict(self.kept)


def _optimizer(net: Net, full: Mapping[str, float]) -> torch.optim.Optimizer:
    weights = [layer.weight for layer in net.layers]
    others = [parameter for parameter in net.parameters() if all(parameter is not w for w in weights)]
    groups = [{"params": weights, "weight_decay": 2 * full["l2"]}, {"params": others}]
    if full["sgd"]:
        return torch.optim.SGD(groups, lr=full["rate"], momentum=0.95)
    return torch.optim.Adam(groups, lr=full["rate"], fused=True)
