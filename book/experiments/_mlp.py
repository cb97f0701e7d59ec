"""The small network that the experiments train: 784-256-256-10 with ReLU, Adam and inverted dropout.

One run is one thread. Seeds are trained one after another: stacking them into batched matrix products was
measured and saves nothing on a CPU (see `seed_batching.py`).
"""

import functools
import itertools
import math
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

from dropgrade.data import Digits, Part, load_mnist

SIZES = (784, 256, 256, 10)
STEPS = 2_000
BATCH = 100
LEARNING_RATE = 1e-3


class MLP(nn.Module):
    """Multilayer perceptron; dropout with rate `p` after each hidden layer, kept units divided by 1 - p."""

    def __init__(self, sizes: tuple[int, ...], p: float, seed: int) -> None:
        super().__init__()
        start = torch.Generator().manual_seed(seed)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(sizes))
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=start)
            nn.init.zeros_(layer.bias)
        self.p = p
        self.mask_generator = torch.Generator().manual_seed(seed + 2_000_003)

    def hidden(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Activations of each hidden layer, float32 (n, width), after dropout while training."""
        found = []
        for layer in self.layers[:-1]:
            x = self.drop(torch.relu(layer(x)))
            found.append(x)
        return found

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits float32 (n, 10) of images float32 (n, 784)."""
        return self.layers[-1](self.hidden(x)[-1])

    def drop(self, x: torch.Tensor) -> torch.Tensor:
        """Inverted dropout: keep with chance 1 - p, divide the kept by 1 - p; eval mode is the identity."""
        if not self.training or self.p == 0:
            return x
        keep = torch.rand(x.shape, generator=self.mask_generator) >= self.p
        return torch.where(keep, x / (1 - self.p), 0.0)


@functools.cache
def digits() -> Digits:
    """The embedded digits as tensors: parts of images float32 (n, 784) and labels int64 (n,)."""
    parts = load_mnist(Path(__file__).parents[1] / "data")
    return Digits(*(Part(torch.from_numpy(part.images), torch.from_numpy(part.labels)) for part in parts))


def fit(settings: Mapping[str, float], seed: int) -> tuple[MLP, float]:
    """Train one network on the 5,000 training digits.

    Start, order of the batches and masks come from three generators of the same seed. Runs with one seed and
    different settings so share start and order: their difference is a paired one.

    Args:
        settings: `p` drop rate of the hidden layers in [0, 1), `l2` factor of the sum of squared weights in
            the loss, `steps` number of updates; what is left out is 0, 0 and 2,000.
        seed: any non-negative integer.

    Returns:
        The network in eval mode and the CPU seconds that the training took.
    """
    torch.set_num_threads(1)
    steps, l2 = int(settings.get("steps", STEPS)), settings.get("l2", 0.0)
    net = MLP(SIZES, settings.get("p", 0.0), seed)
    weights, biases = [m.weight for m in net.layers], [m.bias for m in net.layers]
    optimizer = torch.optim.Adam(  # d(l2 * w^2)/dw = 2 * l2 * w is what Adam calls weight decay
        [{"params": weights, "weight_decay": 2 * l2}, {"params": biases}], lr=LEARNING_RATE, fused=True
    )
    order = torch.Generator().manual_seed(seed + 1_000_003)
    images, labels = digits().train
    start = time.process_time()
    net.train()
    for step, chosen in enumerate(batches(len(labels), steps, order)):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * step / steps))
        optimizer.zero_grad()
        functional.cross_entropy(net(images[chosen]), labels[chosen]).backward()
        optimizer.step()
    return net.eval(), time.process_time() - start


def batches(n: int, steps: int, generator: torch.Generator):
    """Index tensors of BATCH images each, a fresh permutation every epoch."""
    for step in range(steps):
        place = step % (n // BATCH)
        if place == 0:
            order = torch.randperm(n, generator=generator)
        yield order[place * BATCH : (place + 1) * BATCH]


@torch.no_grad()
def score(net: MLP, part: Part) -> tuple[float, float]:
    """Error in percent and mean negative log-likelihood in nats of a network in eval mode."""
    logits = net(part.images)
    wrong = (logits.argmax(1) != part.labels).double().mean()
    return 100 * float(wrong), float(functional.cross_entropy(logits.double(), part.labels))


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """Train and score: `<part>_error` in percent, `<part>_nll` in nats, their `gap`, and `cpu_seconds`."""
    net, seconds = fit(settings, seed)
    metrics = {"cpu_seconds": seconds}
    for name, part in digits()._asdict().items():
        metrics[f"{name}_error"], metrics[f"{name}_nll"] = score(net, part)
    return metrics | {"gap": metrics["test_nll"] - metrics["train_nll"]}
