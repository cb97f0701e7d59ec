"""Measures for the questions of chapters 12 and 13: other noises, and bugs."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import nn

from dropgrade.reference import noises, repairs
from dropgrade.reference.numpy_ops import dropout_forward


def _gaussian_factors() -> np.ndarray:
    return noises.gaussian(np.ones(400_000), 0.2, True, np.random.default_rng(7))


def variance_of_gaussian_factor() -> float:
    """Variance of the normal factor that replaces dropout at p = 0.2."""
    return float(_gaussian_factors().var())


def mean_of_gaussian_factor() -> float:
    """Mean of the same factor."""
    return float(_gaussian_factors().mean())


@cache
def _two_outputs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Covariance of two outputs at p = 0.3: by formula for dropout, under dropout, under DropConnect."""
    rng, p = np.random.default_rng(8), 0.3
    x, w = np.array([1.0, -2.0, 0.5, 1.5]), rng.normal(size=(4, 2)) + 1
    rows = np.tile(x, (60_000, 1))
    dropped = dropout_forward(rows, p, True, rng)[0] @ w
    connected = noises.drop_connect(rows, w, p, True, rng)
    return p / (1 - p) * (w.T * x**2) @ w, np.cov(dropped.T), np.cov(connected.T)


def covariance_of_dropout() -> float:
    """Covariance of two outputs under dropout, over p / (1 - p) times the sum of squares formula."""
    formula, dropped, _ = _two_outputs()
    return float(dropped[0, 1] / formula[0, 1])


def correlation_of_dropconnect() -> float:
    """Size of the correlation of the same two outputs under DropConnect."""
    connected = _two_outputs()[2]
    return float(abs(connected[0, 1]) / np.sqrt(connected[0, 0] * connected[1, 1]))


def variance_of_dropconnect() -> float:
    """Variance of an output under DropConnect over that under dropout."""
    _, dropped, connected = _two_outputs()
    return float(connected[0, 0] / dropped[0, 0])


def _variance_after(layer: nn.Module, relu: bool = False) -> float:
    """Variance of a standardised normal sample after a layer in training mode."""
    torch.manual_seed(9)
    x = torch.randn(400_000)
    return float(layer(x.relu() if relu else x).var())


def variance_after_dropout() -> float:
    """Variance of standard normal numbers after nn.Dropout(0.2)."""
    return _variance_after(nn.Dropout(0.2))


def variance_after_alpha_dropout() -> float:
    """Variance of the same numbers after nn.AlphaDropout(0.2)."""
    return _variance_after(nn.AlphaDropout(0.2))


def variance_of_alpha_dropout_behind_relu() -> float:
    """Variance that nn.AlphaDropout(0.2) gives to rectified normal numbers, over what they had."""
    return _variance_after(nn.AlphaDropout(0.2), relu=True) / _variance_after(nn.Identity(), relu=True)


class _WritesItsRate(nn.Module):
    p = 0.3

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            self.p = 0.0
        return nn.functional.dropout(x, self.p, True)


def _zeros_in_the_third_call(layer: nn.Module) -> float:
    """Share of zeros in training, after a call in training and one in evaluation."""
    torch.manual_seed(10)
    for training in (True, False, True):
        y = layer.train(training)(torch.ones(50_000))
    return float((y == 0).double().mean())


def zeros_after_the_rate_was_lost() -> float:
    """Share of zeros in the third call of a layer that writes its rate in evaluation, p = 0.3."""
    return _zeros_in_the_third_call(_WritesItsRate())


def zeros_where_the_rate_stays() -> float:
    """The same share for a layer that only reads its rate."""
    return _zeros_in_the_third_call(nn.Dropout(0.3))


def _repeats(seeded: Callable[[np.ndarray], np.ndarray]) -> int:
    """1 if two calls of a dropout on 50,000 entries draw the same mask, else 0."""
    return int(np.array_equal(*(seeded(np.ones(50_000)) for _ in range(2))))


def repeats_when_none_becomes_zero() -> int:
    """1 if two calls without a seed draw the same mask where "no seed" is turned into 0, else 0."""
    return _repeats(lambda x: dropout_forward(x, 0.5, True, np.random.default_rng(None or 0))[0])


def repeats_without_a_seed() -> int:
    """1 if they do where "no seed" means fresh entropy, else 0."""
    return _repeats(lambda x: repairs.seeded_dropout(x, 0.5))


def repeats_when_zero_becomes_none() -> int:
    """1 if two calls with seed 0 draw the same mask where the repair says `seed or None`, else 0."""
    seed = 0
    return _repeats(lambda x: dropout_forward(x, 0.5, True, np.random.default_rng(seed or None))[0])


class _PlainList(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = [nn.Dropout(0.3), nn.Dropout(0.3)]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


def difference_of_a_plain_list() -> float:
    """Share of entries that differ between two predictions after eval(): layers in a Python list."""
    torch.manual_seed(11)
    model, x = _PlainList().eval(), torch.ones(50_000)
    return float((model(x) != model(x)).double().mean())


def modules_found_in_training() -> int:
    """Modules of that model that a search through model.modules() finds in training mode."""
    return sum(module.training for module in _PlainList().eval().modules())
