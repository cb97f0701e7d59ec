"""Measures for the questions of chapters 5 to 8: the ensemble, the penalty, the choice of a rate, PyTorch."""

import math
from functools import cache

import numpy as np
import torch
from torch import nn

from dropgrade.digits import load_digits
from dropgrade.reference import ensemble, mlp, regulariser
from dropgrade.reference.numpy_ops import keep_mask
from dropgrade.reference.paired import t_quantile
from dropgrade.reference.torch_ops import Dropout


def share_of_members_drawn() -> float:
    """Share of the 2^20 masks of 20 units that 1,000 steps with 32 examples draw at p = 0.5."""
    keep = keep_mask((32_000, 20), 0.5, np.random.default_rng(0))
    return len(np.unique(keep @ (1 << np.arange(20)))) / 2**20


def likeliest_over_rarest() -> float:
    """Chance of keeping all of 10 units over that of keeping none, at p = 0.2."""
    weights = ensemble.chances(ensemble.all_masks(10), 0.2)
    return float(weights.max() / weights.min())


@cache
def _means(hidden: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Geometric mean, arithmetic mean and single pass of a random network, over all its masks at p = 0.5."""
    rng = np.random.default_rng(1)
    sizes = [(4, 6), (6, 3)] if hidden else [(10, 3)]
    layers = [(rng.normal(size=size), rng.normal(size=size[1])) for size in sizes]
    x = rng.normal(size=sizes[0][0])
    keep = ensemble.all_masks(10)
    probs, weights = ensemble.members(x, layers, keep, 0.5), ensemble.chances(keep, 0.5)
    means = ensemble.geometric(probs, weights), ensemble.arithmetic(probs, weights)
    return *means, ensemble.scaled(x, layers)


def geometric_mean_gap() -> float:
    """Distance (total variation) of one pass from the geometric mean, mask directly before the softmax."""
    geometric, _, single = _means(hidden=False)
    return ensemble.total_variation(geometric, single)


def arithmetic_mean_gap() -> float:
    """The same distance from the arithmetic mean of the members' probabilities."""
    _, arithmetic, single = _means(hidden=False)
    return ensemble.total_variation(arithmetic, single)


def geometric_gap_behind_relu() -> float:
    """Distance of one pass from the geometric mean when a ReLU layer follows a mask."""
    geometric, _, single = _means(hidden=True)
    return ensemble.total_variation(geometric, single)


def variance_left_by_averaging() -> float:
    """Variance over data sets of the mean of 200 thinned linear models, as a share of a single member's."""
    rng, p = np.random.default_rng(2), 0.5
    X, truth, asked = rng.normal(size=(30, 8)), rng.normal(size=8), rng.normal(size=8)
    one, many = [], []
    for _ in range(2_000):
        w = regulariser.ridge(X, X @ truth + 2 * rng.normal(size=30), p)
        members = keep_mask((200, 8), p, rng) / (1 - p) @ (w * asked)
        one.append(members[0])
        many.append(members.mean())
    return float(np.var(many) / np.var(one))


def ridge_against_all_masks() -> float:
    """Relative gap between the closed form of the mean squared loss and the mean over all masks, p = 0.3."""
    rng = np.random.default_rng(3)
    X, y, w = rng.normal(1, 2, (7, 6)), rng.normal(size=7), rng.normal(size=6)
    exact = regulariser.enumerated_loss(w, X, y, 0.3)
    return abs(regulariser.expected_loss(w, X, y, 0.3) - exact) / exact


def _kept_by_copies(copies: int) -> float:
    """Share of the least-squares weight that the sum of equal copies of one column keeps at p = 0.5."""
    column = np.random.default_rng(4).normal(size=(50, 1))
    return float(regulariser.ridge(np.repeat(column, copies, axis=1), 3 * column[:, 0], 0.5).sum() / 3)


def kept_by_one_column() -> float:
    """Share of the least-squares weight that a single column keeps at p = 0.5."""
    return _kept_by_copies(1)


def kept_by_four_copies() -> float:
    """Share that the sum of four copies keeps at p = 0.5."""
    return _kept_by_copies(4)


def change_by_other_units() -> float:
    """Largest change of a prediction when one column is measured in units a thousand times smaller."""
    rng = np.random.default_rng(5)
    X, y, units = rng.normal(size=(40, 3)), rng.normal(size=40), np.array([1.0, 1_000.0, 1.0])
    first, second = (Z @ regulariser.ridge(Z, y, 0.4) for Z in (X, X * units))
    return float(np.abs(first - second).max())


def first_order_penalty() -> float:
    """First-order penalty of logistic regression over the exact one, at p = 0.05."""
    rng = np.random.default_rng(6)
    X, w = rng.normal(size=(40, 8)), rng.normal(0, 0.5, 8)
    return regulariser.penalty(w, X, 0.05) / regulariser.exact_penalty(w, X, 0.05)


def loss_of_a_certain_feature() -> float:
    """Mean logistic loss over masks at p = 0.3 for a feature that is always right, weight 200; in nats."""
    loss = np.log1p(np.exp(-200 * ensemble.all_masks(1)[:, 0] / 0.7))
    return float(ensemble.chances(ensemble.all_masks(1), 0.3) @ loss)


def step_limit_at_a_high_rate() -> float:
    """Largest stable step of the mean at p = 0.8 over that at p = 0.2, one column."""
    X = np.random.default_rng(7).normal(size=(40, 1))
    return regulariser.step_limit(X, 0.8) / regulariser.step_limit(X, 0.2)


@cache
def _deviations() -> tuple[np.ndarray, np.ndarray]:
    """Chance and end of all runs that start 1 from the optimum: 6 steps of 0.2, x = 1, p = 0.8."""
    kept = ensemble.all_masks(6)
    return ensemble.chances(kept, 0.8), np.where(kept, 1 - 0.2 / 0.2**2, 1.0).prod(axis=1)


def mean_of_the_runs() -> float:
    """Size of the mean deviation over all those runs; each started at 1."""
    weights, ends = _deviations()
    return float(abs(weights @ ends))


def root_mean_square_of_the_runs() -> float:
    """Root mean square of the same deviations; each started at 1."""
    weights, ends = _deviations()
    return float(np.sqrt(weights @ ends**2))


def gradient_noise_of_dropout() -> float:
    """Total variance of a batch's gradient at p = 0.5 over that at p = 0: digits, 64 units, batches of 50."""
    digits, rng = load_digits(), np.random.default_rng(9)
    net = mlp.start(196, 64, 10, rng)
    spread = []
    for p in (0.5, 0.0):
        gradients = []
        for _ in range(60):
            chosen = rng.permutation(2_000)[:50]
            batch = digits.train_images[chosen], digits.train_labels[chosen]
            found = mlp.loss_and_gradients(net, *batch, p, rng)[1]
            gradients.append(np.concatenate([found[name].ravel() for name in sorted(found)]))
        spread.append(np.var(gradients, axis=0).sum())
    return float(spread[0] / spread[1])


def best_tenth_missed() -> float:
    """Share of searches that never hit the best tenth of their space in 25 independent draws."""
    return float((np.random.default_rng(10).random((50_000, 25)) >= 0.1).all(axis=1).mean())


def luck_of_the_winner() -> float:
    """How far the best of 25 equally good settings lies below the truth, in deviations of one measurement."""
    return float(-np.random.default_rng(11).normal(size=(50_000, 25)).min(axis=1).mean())


def _coverage(factor: float) -> float:
    """Share of five-seed samples whose mean is within so many standard errors of the truth."""
    samples = np.random.default_rng(12).normal(size=(50_000, 5))
    error = samples.std(axis=1, ddof=1) / math.sqrt(5)
    return float((np.abs(samples.mean(axis=1)) <= factor * error).mean())


def coverage_of_t() -> float:
    """Share of 95 % t intervals from five seeds that hold the truth."""
    return _coverage(t_quantile(0.95, 4))


def coverage_of_196() -> float:
    """Share of intervals of 1.96 standard errors from five seeds that hold the truth."""
    return _coverage(1.96)


def variance_left_by_pairing() -> float:
    """Variance of paired differences over that of unpaired ones, for arms whose seeds correlate at 0.9."""
    rng = np.random.default_rng(13)
    shared = rng.normal(0, math.sqrt(0.9), 100_000)
    a, b = (shared + rng.normal(0, math.sqrt(0.1), shared.size) for _ in range(2))
    return float((b - a).var() / (b - rng.permutation(a)).var())


class _MadeInForward(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.Dropout(0.3)(x)


class _OnlyFunction(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.dropout(x, 0.3)


def _zeros_after_eval(model: nn.Module) -> float:
    """Share of zeros that a model makes of ones after eval() and without gradients."""
    torch.manual_seed(14)
    with torch.no_grad():
        return float((model.eval()(torch.ones(50_000)) == 0).double().mean())


def zeros_of_a_registered_layer() -> float:
    """Share of zeros in evaluation: the layer is a submodule of the model, p = 0.3."""
    return _zeros_after_eval(nn.Sequential(Dropout(0.3)))


def zeros_of_a_layer_made_in_forward() -> float:
    """Share of zeros in evaluation: the layer is made inside forward, p = 0.3."""
    return _zeros_after_eval(_MadeInForward())


def zeros_of_the_function() -> float:
    """Share of zeros in evaluation: F.dropout is called with its default `training`, p = 0.3."""
    return _zeros_after_eval(_OnlyFunction())


def _not_numbers(select: bool) -> float:
    """Share of NaN that dropout at p = 0.5 makes of overflowed float16 numbers."""
    torch.manual_seed(15)
    x = torch.full((10_000,), 60_000.0, dtype=torch.float16) * 2
    keep = torch.rand(x.shape) >= 0.5
    y = torch.where(keep, x / 0.5, 0) if select else x * keep / 0.5
    return float(y.isnan().double().mean())


def nan_by_multiplying() -> float:
    """Share of NaN among overflowed float16 entries that are multiplied by the mask, p = 0.5."""
    return _not_numbers(select=False)


def nan_by_selecting() -> float:
    """The same share when dropped entries are selected to zero."""
    return _not_numbers(select=True)


def _order_changed(layer: nn.Module) -> float:
    """Share of the next permutation of 1,000 that is another one because this layer ran before it."""
    orders = []
    for module in (nn.Identity(), layer):
        torch.manual_seed(16)
        module(torch.ones(100))
        orders.append(torch.randperm(1_000))
    return float((orders[0] != orders[1]).double().mean())


def order_changed_by_dropout() -> float:
    """Share of the next batch order that dropout changes by drawing from the global generator."""
    return _order_changed(nn.Dropout(0.1))


def order_changed_with_its_own_generator() -> float:
    """The same share when the layer draws from a generator of its own."""
    return _order_changed(Dropout(0.1, generator=torch.Generator().manual_seed(17)))
