"""Data of the experiments as tensors: digits or clothes, subsets, other labels, moved images; and scores."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from dropgrade.data import Part, load_mnist
from dropgrade.fashion import load_fashion

FOLDER = Path(__file__).parents[1] / "data"


class Task(NamedTuple):
    """Parts of images float32 (n, 784) in [0, 1] and labels int64 (n,)."""

    train: Part
    validation: Part
    test: Part


@functools.cache
def whole(fashion: bool) -> Task:
    """All images of a data set; `DataError` if Fashion-MNIST is not installed."""
    parts = load_fashion() if fashion else load_mnist(FOLDER)
    return Task(*(Part(torch.from_numpy(part.images), torch.from_numpy(part.labels)) for part in parts))


def task(settings: Mapping[str, float], seed: int) -> Task:
    """The data of one run: a subset of `n` training images of this seed, labels shuffled if asked for."""
    data = whole(bool(settings["fashion"]))
    draw = torch.Generator().manual_seed(seed + 4_000_037)
    images, labels = data.train
    if settings["n"]:
        chosen = torch.randperm(len(labels), generator=draw)[: int(settings["n"])]
        images, labels = images[chosen], labels[chosen]
    if settings["shuffled"]:
        labels = labels[torch.randperm(len(labels), generator=draw)]
    return data._replace(train=Part(images, labels))


def shifted(images: torch.Tensor, pixels: int, generator: torch.Generator) -> torch.Tensor:
    """Each image float32 (784,) moved by up to `pixels` in both directions, black filled in."""
    n, side = len(images), 28 + 2 * pixels
    padded = functional.pad(images.view(n, 28, 28), [pixels] * 4)
    moves = torch.randint(0, 2 * pixels + 1, (2, n, 1), generator=generator)
    rows, columns = torch.arange(28) + moves[0], torch.arange(28) + moves[1]
    flat = rows[:, :, None] * side + columns[:, None, :]
    return padded.view(n, -1).gather(1, flat.view(n, -1))


@torch.no_grad()
def score(net: nn.Module, part: Part) -> tuple[float, float]:
    """Error in percent and mean negative log-likelihood in nats of a network in eval mode."""
    return score_logits(net(part.images), part.labels)


def score_logits(logits: torch.Tensor, labels: torch.Tensor) -> tuple[float, float]:
    """Error in percent and mean negative log-likelihood in nats of logits (n, 10); logarithms of
    probabilities are logits, too."""
    wrong = (logits.argmax(1) != labels).double().mean()
    return 100 * float(wrong), float(functional.cross_entropy(logits.double(), labels))


def all_scores(net: nn.Module, data: Task) -> dict[str, float]:
    """`<part>_error` in percent and `<part>_nll` in nats of the three parts, and their `gap`."""
    found = {}
    for name, part in data._asdict().items():
        found[f"{name}_error"], found[f"{name}_nll"] = score(net, part)
    return found | {"gap": found["test_nll"] - found["train_nll"]}
