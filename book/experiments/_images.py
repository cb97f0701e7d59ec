"""A small convolutional net and a deep residual one, for what dropout of channels and of branches does."""

import time
from collections.abc import Mapping, Sequence

import torch
from _masks import drop
from _tasks import all_scores, task
from _train import DEFAULTS, updates
from torch import nn

CHANNELS, DENSE = (12, 24), 128
BRANCHES, WIDTH = 12, 96


class Noisy(nn.Module):
    """What `_train.updates` asks of a network; start and masks come from generators of one seed.

    Args:
        layers: weights are drawn normal for a ReLU, biases are 0.
        settings: drop rates by place; what is left out is 0.
        seed: any non-negative integer.
    """

    def __init__(self, layers: Sequence[nn.Module], settings: Mapping[str, float], seed: int) -> None:
        super().__init__()
        self.layers, self.settings, self.on = nn.ModuleList(layers), dict(settings), True
        self.noise = torch.Generator().manual_seed(seed + 2_000_003)
        start = torch.Generator().manual_seed(seed)
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=start)
            nn.init.zeros_(layer.bias)

    def masked(self, x: torch.Tensor, shape: tuple[int, ...], p: float) -> torch.Tensor:
        """While training, dropout with one coin for each entry of `shape`; else the identity."""
        return drop(x, shape, p, self.noise) if self.training and self.on and p else x


class Convolutions(Noisy):
    """Two convolutions of stride 2 and a dense layer.

    `pixels` and `channels` are rates behind each convolution, `head` that of the dense layer.
    """

    def __init__(self, settings: Mapping[str, float], seed: int) -> None:
        one, two = CHANNELS
        maps = nn.Conv2d(1, one, 3, stride=2, padding=1), nn.Conv2d(one, two, 3, stride=2, padding=1)
        super().__init__([*maps, nn.Linear(49 * two, DENSE), nn.Linear(DENSE, 10)], settings, seed)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits float32 (n, 10) of images float32 (n, 784)."""
        *maps, dense, last = self.layers
        x = x.view(-1, 1, 28, 28)
        for layer in maps:
            x = torch.relu(layer(x))
            x = self.masked(x, x.shape, self.settings.get("pixels", 0.0))
            x = self.masked(x, (*x.shape[:2], 1, 1), self.settings.get("channels", 0.0))
        x = torch.relu(dense(x.flatten(1)))
        return last(self.masked(x, x.shape, self.settings.get("head", 0.0)))


class Residual(Noisy):
    """A layer, BRANCHES residual branches of two layers with ReLUs, a last layer.

    Branch l of L is dropped with rate `branch` * l / L, one coin for each example, its hidden units with rate
    `units`. Source: huang2016deep, where the coin is one for each batch.
    """

    def __init__(self, settings: Mapping[str, float], seed: int) -> None:
        inner = [nn.Linear(WIDTH, WIDTH) for _ in range(2 * BRANCHES)]
        super().__init__([nn.Linear(784, WIDTH), *inner, nn.Linear(WIDTH, 10)], settings, seed)
        for layer in inner[1::2]:  # every branch starts as nothing, so that depth costs nothing at first
            nn.init.zeros_(layer.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits float32 (n, 10) of images float32 (n, 784)."""
        first, *inner, last = self.layers
        x = first(x)
        for place in range(BRANCHES):
            hidden = torch.relu(inner[2 * place](torch.relu(x)))
            hidden = self.masked(hidden, hidden.shape, self.settings.get("units", 0.0))
            rate = self.settings.get("branch", 0.0) * (place + 1) / BRANCHES
            x = x + self.masked(inner[2 * place + 1](hidden), (len(x), 1), rate)
        return last(torch.relu(x))


def run(settings: Mapping[str, float], seed: int) -> dict[str, float]:
    """Train and score on the three parts; `residual` 1: the deep net; `n`, `steps`, ... as in `_train`."""
    torch.set_num_threads(1)
    full = {**DEFAULTS, **settings}
    data, net = task(full, seed), (Residual if settings.get("residual") else Convolutions)(settings, seed)
    start = time.process_time()
    for _ in updates(net, data, full, seed):
        pass
    return {"cpu_seconds": time.process_time() - start} | all_scores(net.eval(), data)
