"""Measures for the recruiter's questions: what dropout gains, costs and changes, on 500 small digits."""

from functools import cache
from pathlib import Path

import numpy as np
import torch
from _tools import Interval, interval
from py_mini_racer import MiniRacer
from torch import nn

from dropgrade.digits import load_digits
from dropgrade.reference.numpy_ops import dropout_forward

CORE = Path(__file__).parents[1] / "_static/plausibility_core.js"
SEEDS = range(5)
EXAMPLES = 500


@cache
def _trained(seed: int, p: float, width: int = 128, steps: int = 300) -> nn.Module:
    """A net with one hidden layer, trained with Adam on batches of 100 and left in evaluation mode."""
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(196, width), nn.ReLU(), nn.Dropout(p), nn.Linear(width, 10))
    step, digits = torch.optim.Adam(net.parameters(), lr=3e-3), load_digits()
    images, labels = (torch.from_numpy(part[:EXAMPLES]) for part in digits[:2])
    for _ in range(steps):
        rows = torch.randint(EXAMPLES, (100,))
        step.zero_grad()
        nn.functional.cross_entropy(net(images[rows]), labels[rows]).backward()
        step.step()
    return net.eval()


@torch.no_grad()
def _accuracy(net: nn.Module, training: bool = False) -> float:
    """Correct answers in %, on the training digits or on the thousand others."""
    digits = load_digits()
    images, labels = (digits[0][:EXAMPLES], digits[1][:EXAMPLES]) if training else digits[2:]
    return 100 * float((net(torch.from_numpy(images)).argmax(1).numpy() == labels).mean())


def dropout_gain_points() -> Interval:
    """Test accuracy with half of 128 hidden units dropped minus without, in points, 500 training digits."""
    return interval([_accuracy(_trained(seed, 0.5)) - _accuracy(_trained(seed, 0.0)) for seed in SEEDS])


def gain_over_a_neglected_baseline() -> Interval:
    """The same difference when the net without dropout is stopped after 8 of 300 steps, in points."""
    return interval(
        [_accuracy(_trained(seed, 0.5)) - _accuracy(_trained(seed, 0.0, steps=8)) for seed in SEEDS]
    )


def change_in_a_small_net() -> Interval:
    """Test accuracy with half of 10 hidden units dropped minus without, in points."""
    return interval(
        [_accuracy(_trained(s, 0.5, width=10)) - _accuracy(_trained(s, 0.0, width=10)) for s in SEEDS]
    )


def gap_left_with_dropout() -> Interval:
    """Training accuracy minus test accuracy of the nets trained with dropout, in points."""
    nets = [_trained(seed, 0.5) for seed in SEEDS]
    return interval([_accuracy(net, training=True) - _accuracy(net) for net in nets])


def spread_between_seeds() -> float:
    """Best minus worst test accuracy of five nets that differ only in their random start, in points."""
    scores = [_accuracy(_trained(seed, 0.0)) for seed in SEEDS]
    return max(scores) - min(scores)


def loss_ratio_after_equal_steps() -> Interval:
    """Loss on the training digits after 100 steps with dropout, over that without."""
    images, labels = (torch.from_numpy(part[:EXAMPLES]) for part in load_digits()[:2])

    def loss(seed: int, p: float) -> float:
        return float(nn.functional.cross_entropy(_trained(seed, p, steps=100)(images), labels).detach())

    return interval([loss(seed, 0.5) / loss(seed, 0.0) for seed in SEEDS])


def digits_that_change_while_training() -> float:
    """Test digits of a thousand that get another answer when a net in training mode is asked twice."""
    net, images = _trained(0, 0.5), torch.from_numpy(load_digits().test_images)
    torch.manual_seed(1)
    with torch.no_grad():
        first, second = (net.train()(images).argmax(1) for _ in range(2))
    net.eval()
    return int((first != second).sum())


def digits_that_change_in_use() -> float:
    """Test digits of a thousand that get another answer when a net in evaluation mode is asked twice."""
    net, images = _trained(0, 0.5), torch.from_numpy(load_digits().test_images)
    with torch.no_grad():
        first, second = (net.eval()(images).argmax(1) for _ in range(2))
    return int((first != second).sum())


def digits_where_scalings_disagree() -> float:
    """Test digits of a thousand answered otherwise if, instead of doubling in practice, use is halved."""
    net, images = _trained(0, 0.5), torch.from_numpy(load_digits().test_images)
    with torch.no_grad():
        hidden = torch.relu(net[0](images))
        doubled = 2 * net[3].weight  # what training without the doubling would have learnt
        classical = (0.5 * hidden) @ doubled.T + net[3].bias
        return int((classical.argmax(1) != net(images).argmax(1)).sum())


def full_voices_over_practice() -> float:
    """A hundred voices in full over what was heard in practice with half away and nobody louder."""
    rng = np.random.default_rng(3)
    louder = [dropout_forward(np.ones(100), 0.5, True, rng)[0].sum() for _ in range(2000)]
    return float(100 / (0.5 * np.mean(louder)))


def _better_of_two(correlation: float) -> float:
    """Pairs of a hundred in which the one with the higher predictor has the higher outcome."""
    rng, pairs = np.random.default_rng(4), 400_000
    predictor, rest = rng.standard_normal((2, pairs, 2))
    outcome = correlation * predictor + np.sqrt(1 - correlation**2) * rest
    return 100 * float((np.argmax(predictor, 1) == np.argmax(outcome, 1)).mean())


def better_pick_by_years() -> float:
    """How often of 100 a predictor of validity .07 picks the better of two, in a normal model."""
    return _better_of_two(0.07)


def better_pick_by_structure() -> float:
    """How often of 100 a predictor of validity .42 picks the better of two, in a normal model."""
    return _better_of_two(0.42)


def turned_away_by_a_cutoff() -> float:
    """People of a hundred worth 7 of 12 who get below 6 when a third of the four scores is off by one."""
    rng = np.random.default_rng(5)
    slips = rng.choice([-1, 0, 1], size=(200_000, 4), p=[1 / 6, 2 / 3, 1 / 6])
    scores = np.clip(np.array([1, 2, 2, 2]) + slips, 0, 3)
    return 100 * float((scores.sum(1) < 6).mean())


def _calculator(unit: str, of: str, key: str) -> float:
    """What the page's calculator says to 60 % accuracy and a gain of 25."""
    with MiniRacer() as js:
        js.eval(CORE.read_text("utf-8"))
        return float(js.call("plausibility.weigh", 60, 25, unit, of)[key])


def accuracy_if_points() -> float:
    """60 % raised by 25 points, in %, by the calculator."""
    return _calculator("points", "accuracy", "after")


def accuracy_if_relative() -> float:
    """60 % raised by 25 % of itself, in %, by the calculator."""
    return _calculator("relative", "accuracy", "after")


def accuracy_if_error_is_meant() -> float:
    """60 % accuracy with a quarter of the error gone, in %, by the calculator."""
    return _calculator("relative", "error", "after")


def error_cut_if_points() -> float:
    """Share of the error that 25 points on 60 % would have to remove, in %, by the calculator."""
    return _calculator("points", "accuracy", "cut")
