"""Measures of the trials that need deeper networks, T10, T11 and T19. `p` is the chance of dropping."""

import copy
import functools

import torch
from _tools import digits, interval
from torch import nn
from torch.nn import functional

SEEDS = range(5)


def _fit(net: nn.Module, seed: int, count: int, steps: int, square=False) -> nn.Module:
    """Adam on batches of 50 of the first `count` digits, its rate falling
    linearly to zero; in eval mode."""
    torch.set_num_threads(1)
    images, labels = (torch.from_numpy(part[:count]) for part in digits()[:2])
    images = images.view(-1, 1, 14, 14) if square else images
    order = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.train().parameters(), lr=2e-3, fused=True)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    for _ in range(steps):
        chosen = torch.randint(count, (50,), generator=order)
        optimizer.zero_grad()
        functional.cross_entropy(net(images[chosen]), labels[chosen]).backward()
        optimizer.step()
        schedule.step()
    return net.eval()


def _score(net: nn.Module, square: bool = False) -> tuple[float, float]:
    """Error in percent and NLL in nats on the test digits."""
    images, labels = (torch.from_numpy(part) for part in digits()[2:])
    with torch.no_grad():
        logits = net(images.view(-1, 1, 14, 14) if square else images)
    wrong = (logits.argmax(dim=1) != labels).float().mean()
    return 100 * float(wrong), float(functional.cross_entropy(logits, labels))


@functools.cache
def _deep(depth: int, p: float, seed: int) -> float:
    """`depth` hidden layers of 64 ReLUs, dropout behind each, after 200
    updates on 1,000 digits."""
    torch.manual_seed(seed)
    layers, width = [], 196
    for _ in range(depth):
        layers += [nn.Linear(width, 64), nn.ReLU(), nn.Dropout(p)]
        width = 64
    return _score(_fit(nn.Sequential(*layers, nn.Linear(width, 10)), seed, 1000, 200))[0]


def higher_rate_with_one_layer():
    """Points of test error at p = 0.5 less those at p = 0.2, one hidden
    layer; five seeds."""
    return interval([_deep(1, 0.5, seed) - _deep(1, 0.2, seed) for seed in SEEDS])


def higher_rate_with_five_layers():
    """The same with five hidden layers."""
    return interval([_deep(5, 0.5, seed) - _deep(5, 0.2, seed) for seed in SEEDS])


def depth_without_dropout():
    """Points of test error of five hidden layers less those of one, no
    dropout."""
    return interval([_deep(5, 0.0, seed) - _deep(1, 0.0, seed) for seed in SEEDS])


def depth_with_dropout():
    """The same with p = 0.5 behind each hidden layer."""
    return interval([_deep(5, 0.5, seed) - _deep(1, 0.5, seed) for seed in SEEDS])


def _conv(p: float, seed: int, count: int, steps: int) -> float:
    """Test error of two convolutions with batch normalisation and dropout
    behind each."""
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1, stride=2), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(p),
        nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(p),
        nn.Flatten(), nn.Linear(144, 10),
    )  # fmt: skip
    return _score(_fit(net, seed, count, steps, square=True), square=True)[0]


def body_after_few_updates():
    """Points of test error added by p = 0.2 behind both convolutions; 2,000
    digits, 100 updates."""
    return interval([_conv(0.2, seed, 2000, 100) - _conv(0.0, seed, 2000, 100) for seed in SEEDS])


def body_after_many_updates():
    """The same network and rate with 150 digits and 400 updates."""
    return interval([_conv(0.2, seed, 150, 400) - _conv(0.0, seed, 150, 400) for seed in SEEDS])


@functools.cache
def _pair(p: float, normalise: bool, seed: int) -> nn.Sequential:
    """Two hidden layers of 128; dropout between them feeds a batch
    normalisation, if there is one."""
    torch.manual_seed(seed)
    norm = nn.BatchNorm1d(128) if normalise else nn.Identity()
    first, second = (nn.Linear(196, 128), nn.ReLU(), nn.Dropout(p)), (nn.Linear(128, 128), norm, nn.ReLU())
    return _fit(nn.Sequential(*first, *second, nn.Linear(128, 10)), seed, 1000, 600)


def _added(p: float, normalise: bool) -> list[float]:
    """NLL in nats on the test digits, less that of the network with
    neither; one number for each seed."""
    return [_score(_pair(p, normalise, seed))[1] - _score(_pair(0.0, False, seed))[1] for seed in SEEDS]


def dropout_alone():
    """NLL in nats that p = 0.2 adds without batch normalisation; negative
    is a gain."""
    return interval(_added(0.2, False))


def normalising_alone():
    """NLL in nats that batch normalisation adds without dropout."""
    return interval(_added(0.0, True))


def both_together():
    """NLL in nats that both add."""
    return interval(_added(0.2, True))


def missing_from_the_sum():
    """NLL in nats of both beyond the sum of the two; zero if the gains
    added up."""
    cells = zip(_added(0.2, True), _added(0.2, False), _added(0.0, True), strict=True)
    return interval([both - drop - norm for both, drop, norm in cells])


def statistics_learnt_again():
    """NLL in nats added by measuring the stored statistics of
    `both_together` anew with dropout off."""
    images, changes = torch.from_numpy(digits().train_images[:1000]), []
    for seed in SEEDS:
        net = copy.deepcopy(_pair(0.2, True, seed))
        before, norm = _score(net)[1], net[4]
        norm.reset_running_stats()
        norm.train().momentum = None  # a plain mean over what follows
        with torch.no_grad():
            net(images)
        changes.append(_score(net.eval())[1] - before)
    return interval(changes)
