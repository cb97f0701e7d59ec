"""Measures for the questions of chapters 1 to 4: the mask, the scale, the way back, leaning on partners."""

import math
from functools import cache

import numpy as np
import torch
from _tools import Interval, interval
from torch import nn
from torch.utils.checkpoint import checkpoint

from dropgrade.digits import load_digits
from dropgrade.reference import mlp
from dropgrade.reference.ensemble import all_masks, chances
from dropgrade.reference.numpy_ops import dropout_backward, dropout_forward, keep_mask


def _relative(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.linalg.norm(a - b) / np.linalg.norm(b))


def zeros_of_the_port() -> float:
    """Share of zeros that PyTorch's nn.Dropout(0.8) makes of ones."""
    torch.manual_seed(0)
    return float((nn.Dropout(0.8)(torch.ones(100_000)) == 0).double().mean())


def noise_of_the_port() -> float:
    """Variance of dropped ones at drop rate 0.8 over that at 0.2."""
    rng, ones = np.random.default_rng(1), np.ones(400_000)
    ported, intended = (dropout_forward(ones, p, True, rng)[0].var() for p in (0.8, 0.2))
    return float(ported / intended)


def missing_from_small_batches() -> float:
    """Share of batches of 4 examples, each with its own mask at rate 0.5, that lack one given unit."""
    kept = keep_mask((100_000, 4), 0.5, np.random.default_rng(2))
    return float((~kept).all(axis=1).mean())


def shared_mask_variance_ratio() -> float:
    """Variance of a weight's batch gradient, one mask for 32 agreeing examples over a mask for each."""
    rng, B = np.random.default_rng(3), 32
    slopes = np.full(B, 0.7)
    own = (keep_mask((40_000, B), 0.5, rng) / 0.5) @ slopes / B
    shared = (keep_mask((40_000, 1), 0.5, rng) / 0.5)[:, 0] * slopes.mean()
    return float(shared.var() / own.var())


def seeds_that_cannot_tell() -> float:
    """Share of seeds for which six draws give the same mask at drop rates 0.4 and 0.6."""
    draws = np.array([np.random.default_rng(seed).random(6) for seed in range(20_000)])
    return float(((draws >= 0.4) == (draws >= 0.6)).all(axis=1).mean())


def false_alarm_of_a_count() -> float:
    """Chance that a count of 1,000 right draws at rate 0.2 is five deviations off: exact binomial tails."""
    n, q = 1_000, 0.8
    allowed = 5 * math.sqrt(n * q * (1 - q))
    return sum(
        math.exp(
            math.lgamma(n + 1)
            - math.lgamma(k + 1)
            - math.lgamma(n - k + 1)
            + k * math.log(q)
            + (n - k) * math.log(1 - q)
        )
        for k in range(n + 1)
        if abs(k - n * q) > allowed
    )


def count_of_the_swapped_rate() -> float:
    """How far the count of a mask at rate 0.8 lies from that of rate 0.2, in deviations of 1,000 draws."""
    kept = keep_mask((1_000,), 0.8, np.random.default_rng(4)).sum()
    return float(abs(kept - 800) / math.sqrt(1_000 * 0.2 * 0.8))


def mean_scaled_by_keep() -> float:
    """Mean of the output over that of the input when kept entries are divided by 1 - p, at p = 0.2."""
    x = np.random.default_rng(5).uniform(1, 2, 400_000)
    return float(dropout_forward(x, 0.2, True, np.random.default_rng(6))[0].mean() / x.mean())


def mean_divided_by_rate() -> float:
    """Mean of the output over that of the input when kept entries are divided by p itself, at p = 0.2."""
    x, p = np.random.default_rng(5).uniform(1, 2, 400_000), 0.2
    keep = keep_mask(x.shape, p, np.random.default_rng(6))
    return float((np.where(keep, x, 0) / p).mean() / x.mean())


def sum_variance_over_formula() -> float:
    """Variance of a sum of 50 dropped contributions at p = 0.3, over p / (1 - p) times their squares' sum."""
    rng, p = np.random.default_rng(7), 0.3
    contributions = rng.normal(size=50)
    sums = dropout_forward(np.ones((100_000, 50)), p, True, rng)[0] @ contributions
    return float(sums.var() / (p / (1 - p) * (contributions**2).sum()))


def noise_grows_with_the_rate() -> float:
    """Variance of dropped ones at p = 0.9 over that at p = 0.5."""
    rng, ones = np.random.default_rng(8), np.ones(400_000)
    high, half = (dropout_forward(ones, p, True, rng)[0].var() for p in (0.9, 0.5))
    return float(high / half)


@cache
def _exponential() -> tuple[float, float]:
    """Mean of exp(a) over all masks of 12 units over exp of the mean a, and half the variance of a."""
    p, contributions = 0.3, np.random.default_rng(9).normal(0, 0.15, 12)
    keep = all_masks(12)
    weights, a = chances(keep, p), keep / (1 - p) @ contributions
    mean = weights @ a
    return float(weights @ np.exp(a) / np.exp(mean)), float(weights @ (a - mean) ** 2 / 2)


def mean_of_exponentials() -> float:
    """Mean prediction over the single pass's, for an exponential behind 12 dropped units at p = 0.3."""
    return _exponential()[0]


def second_order_estimate() -> float:
    """What the second-order formula 1 + s^2/2 says, over the exact ratio of `mean_of_exponentials`."""
    exact, half_variance = _exponential()
    return (1 + half_variance) / exact


def gradient_against_differences() -> float:
    """Largest gap between dropout's gradient and central differences under a frozen mask."""
    rng, p = np.random.default_rng(10), 0.4
    x, dy, step = rng.normal(size=20), rng.normal(size=20), 1e-6
    keep = dropout_forward(x, p, True, np.random.default_rng(11))[1]

    def loss(x: np.ndarray) -> float:
        return float(dropout_forward(x, p, True, np.random.default_rng(11))[0] @ dy)

    slopes = [(loss(x + step * e) - loss(x - step * e)) / (2 * step) for e in np.eye(20)]
    return float(np.abs(dropout_backward(dy, keep, p) - slopes).max())


def gradient_with_a_new_mask() -> float:
    """Relative error of the gradient when the backward pass draws another mask of the same rate, 0.4."""
    rng, dy = np.random.default_rng(12), np.random.default_rng(13).normal(size=1_000)
    first, second = (keep_mask(dy.shape, 0.4, rng) for _ in range(2))
    return _relative(dropout_backward(dy, second, 0.4), dropout_backward(dy, first, 0.4))


def _move_without_gradient(**settings: float) -> float:
    """How far a weight of 1 moves in the step after three others, when its own gradient is zero."""
    weight = nn.Parameter(torch.ones(()))
    kind = torch.optim.SGD if "momentum" in settings else torch.optim.AdamW
    optimiser = kind([weight], lr=0.1, **settings)
    for slope in (1.0, 1.0, 1.0, 0.0):
        before = float(weight.detach())
        weight.grad = torch.tensor(slope)
        optimiser.step()
    return abs(float(weight.detach()) - before)


def plain_step_without_gradient() -> float:
    """Move of a weight with zero gradient under plain gradient descent."""
    return _move_without_gradient(momentum=0.0)


def momentum_step_without_gradient() -> float:
    """The same move with momentum 0.9, three steps of gradient 1 before it and step size 0.1."""
    return _move_without_gradient(momentum=0.9)


def adamw_step_without_gradient() -> float:
    """The same move with AdamW."""
    return _move_without_gradient(weight_decay=0.01)


def _recomputed(preserve: bool) -> float:
    """Relative gap between the gradients of a checkpointed block and of the same block stored."""
    torch.manual_seed(14)
    x, layer = torch.randn(64, 32), nn.Linear(32, 32)
    block = nn.Sequential(layer, nn.ReLU(), nn.Dropout(0.3))
    gradients = []
    for recompute in (False, True):
        torch.manual_seed(15)
        y = checkpoint(block, x, use_reentrant=False, preserve_rng_state=preserve) if recompute else block(x)
        gradients.append(torch.autograd.grad(y.square().sum(), layer.weight)[0].numpy())
    return _relative(gradients[1], gradients[0])


def recomputed_with_the_state() -> float:
    """Relative error of a checkpointed gradient when the generator's state is put back."""
    return _recomputed(True)


def recomputed_without_the_state() -> float:
    """Relative error of a checkpointed gradient when the recomputation draws new masks, p = 0.3."""
    return _recomputed(False)


def _added_by_dropout(contributions: list[float]) -> float:
    """Mean squared error that dropout at p = 0.5 adds to a sum of contributions, over all masks."""
    keep = all_masks(len(contributions))
    sums = keep / 0.5 @ np.array(contributions)
    return float(chances(keep, 0.5) @ (sums - sum(contributions)) ** 2)


def price_of_cancelling() -> float:
    """Squared error that dropout at p = 0.5 adds to the contributions +10 and -9."""
    return _added_by_dropout([10.0, -9.0])


def price_of_sharing() -> float:
    """Squared error that dropout at p = 0.5 adds to two contributions of one half."""
    return _added_by_dropout([0.5, 0.5])


def network_gradient_error() -> float:
    """Largest gap between the network's gradients and central differences, the mask's seed held fixed."""
    rng = np.random.default_rng(16)
    net = mlp.start(6, 5, 3, rng, np.float64)
    x, labels, gaps, step = rng.normal(size=(8, 6)), rng.integers(0, 3, 8), [], 1e-6

    def loss() -> float:
        return mlp.loss_and_gradients(net, x, labels, 0.4, np.random.default_rng(17))[0]

    _, gradients = mlp.loss_and_gradients(net, x, labels, 0.4, np.random.default_rng(17))
    for name, place in (("W1", (2, 3)), ("b1", (1,)), ("W2", (4, 0)), ("b2", (2,))):
        net[name][place] += step
        above = loss()
        net[name][place] -= 2 * step
        gaps.append(abs((above - loss()) / (2 * step) - gradients[name][place]))
        net[name][place] += step
    return float(max(gaps))


@cache
def _rises() -> dict[float, list[float]]:
    """Rise of the test error when half of 64 units go, by training rate, for five seeds."""
    digits, rises = load_digits(), {}
    settings = {"steps": 150, "batch": 50, "rate": 0.1, "momentum": 0.9}
    for p in (0.0, 0.2):
        rises[p] = []
        for seed in range(5):
            net = mlp.start(196, 64, 10, np.random.default_rng(seed))
            data = digits.train_images, digits.train_labels
            net = mlp.train(net, *data, settings | {"p": p}, np.random.default_rng(100 + seed))
            test = digits.test_images, digits.test_labels
            whole, half = mlp.ablation_curve(net, *test, (0.0, 0.5), 10, np.random.default_rng(seed))
            rises[p].append(float(half - whole))
    return rises


def rise_saved_by_a_low_rate() -> Interval:
    """Rise in error from losing half of the units: without dropout minus trained at p = 0.2 (five pairs)."""
    rises = _rises()
    return interval([a - b for a, b in zip(rises[0.0], rises[0.2], strict=True)])


def rise_without_dropout() -> Interval:
    """Rise in error from losing half of the units of a network trained without dropout (five seeds)."""
    return interval(_rises()[0.0])
