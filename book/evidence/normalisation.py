"""Measures for the questions on normalisation: what BatchNorm and LayerNorm make of dropout's noise."""

from functools import cache

import numpy as np
import torch
from torch import nn

from dropgrade.reference import structured


def variance_by_formula() -> float:
    """Evaluation variance over training variance behind dropout 0.5, units with mean 1 and variance 1."""
    rng = np.random.default_rng(0)
    x = 1 + rng.normal(size=(20_000, 100))
    w = rng.choice([-0.1, 0.1], size=(100, 64))
    return float(structured.variance_shift(x, w, 0.5).mean())


@cache
def _batch_norm(place: str) -> tuple[float, float, float]:
    """Output variance of a BatchNorm in evaluation: as trained; statistics renewed, dropout off; dropout on.

    `place`: dropout "before" the linear layer, "behind" the BatchNorm, or before it with "common" signals.
    """
    generator = torch.Generator().manual_seed(0)
    torch.manual_seed(0)
    common = torch.randn(8192, 1, generator=generator) if place == "common" else 0.0
    x = 1 + common + torch.randn(8192, 100, generator=generator)
    linear = nn.Linear(100, 64, bias=False)
    signs = torch.randint(0, 2, (64, 100), generator=generator) * 2.0 - 1
    linear.weight.data = (signs.abs() if place == "common" else signs) / 10
    drop, norm = nn.Dropout(0.5), nn.BatchNorm1d(64, affine=False, momentum=None)
    model = nn.Sequential(linear, norm, drop) if place == "behind" else nn.Sequential(drop, linear, norm)

    def variance(dropping: bool) -> float:
        norm.reset_running_stats()
        model.train()
        drop.train(dropping)
        with torch.no_grad():
            for batch in x.split(512):
                model(batch)
            return float(model.eval()(x).var(dim=0).mean())

    return variance(True), variance(False), variance(True)


def batch_norm_output_variance() -> float:
    """Output variance in evaluation of BatchNorm behind dropout 0.5 and a linear layer (1 is meant)."""
    return _batch_norm("before")[0]


def after_renewing_statistics() -> float:
    """The same variance after one pass that renews the statistics with dropout off."""
    return _batch_norm("before")[1]


def after_renewing_with_dropout_on() -> float:
    """The same variance after such a pass with dropout left on."""
    return _batch_norm("before")[2]


def dropout_behind_batch_norm() -> float:
    """The variance as trained when dropout stands behind the BatchNorm and none before it."""
    return _batch_norm("behind")[0]


def shift_with_common_signal() -> float:
    """The variance as trained, dropout in front, when inputs share a signal and weights have one sign."""
    return _batch_norm("common")[0]


def dropout_on_in_update_bn() -> float:
    """Output variance in evaluation after torch's `update_bn`, a model of dropout 0.5, linear, BatchNorm."""
    torch.manual_seed(1)
    x = 1 + torch.randn(4096, 100)
    model = nn.Sequential(nn.Dropout(0.5), nn.Linear(100, 64), nn.BatchNorm1d(64, affine=False))
    model[1].weight.data = (torch.randint(0, 2, (64, 100)) * 2.0 - 1) / 10
    torch.optim.swa_utils.update_bn(x.split(512), model)
    with torch.no_grad():
        return float(model.eval()(x).var(dim=0).mean())


@cache
def _layer_norm(mean: float) -> tuple[float, float]:
    """Dropout 0.5, then LayerNorm over 512 units: output's mean square; its slope on the output without."""
    torch.manual_seed(2)
    x = mean + torch.randn(400, 512)
    norm, drop = nn.LayerNorm(512, elementwise_affine=False), nn.Dropout(0.5)
    still, noisy = norm(x), norm(drop(x))
    slope = ((noisy * still).mean() - noisy.mean() * still.mean()) / still.var(unbiased=False)
    return float((noisy**2).mean()), float(slope)


def layer_norm_mean_square() -> float:
    """Mean square of LayerNorm's output in training, dropout 0.5 directly before it (in evaluation 1)."""
    return _layer_norm(0.0)[0]


def layer_norm_signal() -> float:
    """Factor with which the signal arrives behind dropout 0.5 and LayerNorm in training, mean 0."""
    return _layer_norm(0.0)[1]


def layer_norm_signal_with_mean() -> float:
    """The same factor when the units have mean 1."""
    return _layer_norm(1.0)[1]


def layer_norm_signal_in_residual() -> float:
    """The factor of the shortcut's signal when dropout 0.1 acts on a branch of a quarter of its variance."""
    torch.manual_seed(3)
    x, branch = torch.randn(400, 512), torch.randn(400, 512) / 2
    norm, drop = nn.LayerNorm(512, elementwise_affine=False), nn.Dropout(0.1)
    still, noisy = norm(x + branch), norm(x + drop(branch))
    return float((noisy * x).mean() / (still * x).mean())
