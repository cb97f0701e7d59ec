"""Measures for the questions on ensembles, capacity, redundancy and history."""

import functools
import json
import math
from pathlib import Path

import numpy as np
import torch
from _tools import Interval, digits, interval, test_error, trained
from torch import nn

from dropgrade.reference import mlp
from dropgrade.reference.noises import gaussian, zoneout
from dropgrade.reference.numpy_ops import dropout_forward


def features_a_forest_tree_sees() -> float:
    """Distinct features, of 64, that a tree with 15 splits may use when each split draws 8 of them (mean)."""
    rng = np.random.default_rng(0)
    draws = rng.random((500, 15, 64)).argsort(axis=2)[..., :8]
    return float(np.mean([len(np.unique(tree)) for tree in draws]))


def features_a_subspace_tree_sees() -> float:
    """Distinct features, of 64, that the same tree may use when its 8 are drawn once for the whole tree."""
    rng = np.random.default_rng(0)
    draws = np.repeat(rng.random((500, 1, 64)).argsort(axis=2)[..., :8], 15, axis=1)
    return float(np.mean([len(np.unique(tree)) for tree in draws]))


def fifty_masks_minus_one_pass() -> Interval:
    """Test error in points of networks with drop rate 0.5: mean of 50 sampled masks minus one plain pass."""
    images, labels, found = digits().test_images, digits().test_labels, []
    for seed in range(8):
        net, rng = trained(0.5, seed), np.random.default_rng(seed)
        masks = (mlp.log_softmax(mlp.logits(net, images, 0.5, True, rng)) for _ in range(50))
        wrong = 100 * np.mean(sum(map(np.exp, masks)).argmax(axis=1) != labels)
        found.append(wrong - test_error(net))
    return interval(found)


def _averaged_error(seeds: range, p: float) -> float:
    images, labels = digits().test_images, digits().test_labels
    scores = [mlp.logits(trained(p, seed), images, 0.0, False, np.random.default_rng(0)) for seed in seeds]
    shares = np.mean([np.exp(mlp.log_softmax(each)) for each in scores], axis=0)
    return 100 * float(np.mean(shares.argmax(axis=1) != labels))


def five_plain_networks_minus_one_with_dropout() -> Interval:
    """Test error in points: five plain networks averaged, minus one network trained with drop rate 0.5."""
    starts = range(0, 40, 5)
    return interval([_averaged_error(range(s, s + 5), 0.0) - test_error(trained(0.5, s)) for s in starts])


def five_dropout_networks_minus_one() -> Interval:
    """Test error in points: five networks with drop rate 0.5 averaged, minus the first of them alone."""
    starts = range(0, 40, 5)
    return interval([_averaged_error(range(s, s + 5), 0.5) - test_error(trained(0.5, s)) for s in starts])


@functools.cache
def _steps_to_fit(p: float, seed: int) -> int:
    images, labels = digits().train_images[:600], digits().train_labels[:600]
    for steps in range(30, 601, 10):  # evaluation mode, so both arms are judged without noise
        if mlp.score(trained(p, seed, steps=steps), images, labels)[1] < 0.1:
            return steps
    return 600


def steps_with_dropout_over_without() -> Interval:
    """Steps until the training loss, without noise, is below 0.1 nats: drop rate 0.5 over none, a ratio."""
    return interval([_steps_to_fit(0.5, seed) / _steps_to_fit(0.0, seed) for seed in range(4)])


def _learnt_at_random(p: float, seed: int = 0) -> float:
    rng = np.random.default_rng(seed)
    images, labels = digits().train_images[:200], rng.integers(0, 10, 200)
    settings = {"p": p, "steps": 800, "batch": 50, "rate": 0.1, "momentum": 0.9}
    net = mlp.train(mlp.start(196, 64, 10, rng), images, labels, settings, rng)
    return 1 - mlp.score(net, images, labels)[0]


def random_labels_learnt_without() -> float:
    """Share of 200 random labels that 64 hidden units know by heart after 800 steps without dropout."""
    return _learnt_at_random(0.0)


def random_labels_learnt_at_half() -> float:
    """The same share with drop rate 0.5, measured in evaluation mode."""
    return _learnt_at_random(0.5)


def random_labels_learnt_at_nine_tenths() -> Interval:
    """The same share with drop rate 0.9, measured in evaluation mode, over six starts."""
    return interval([_learnt_at_random(0.9, seed) for seed in range(6)])


def half_the_width_minus_dropout() -> Interval:
    """Test error in points: 32 units without dropout minus 64 units with drop rate 0.5."""
    return interval([test_error(trained(0.0, s, width=32)) - test_error(trained(0.5, s)) for s in range(8)])


def _training_loss(p: float, seed: int, width: int) -> float:
    part = digits().train_images[:600], digits().train_labels[:600]
    return mlp.score(trained(p, seed, width=width), *part)[1]


def narrow_network_fits_worse() -> Interval:
    """Training loss in nats, evaluation mode, of 6 hidden units: drop rate 0.3 minus none."""
    return interval([_training_loss(0.3, s, 6) - _training_loss(0.0, s, 6) for s in range(8)])


def early_dropout_minus_none() -> Interval:
    """Training loss in nats of 6 hidden units: drop rate 0.1 in the first fifth of the steps minus none."""
    part, found = (digits().train_images[:600], digits().train_labels[:600]), []
    for seed in range(16):
        losses = []
        for p in (0.1, 0.0):
            net = trained(p, seed, width=6, steps=60)
            settings = {"p": 0.0, "steps": 240, "batch": 50, "rate": 0.1, "momentum": 0.9}
            losses.append(
                mlp.score(mlp.train(net, *part, settings, np.random.default_rng([seed, 1])), *part)[1]
            )
        found.append(losses[0] - losses[1])
    return interval(found)


def gaussian_over_dropout_variance() -> float:
    """Variance of Gaussian noise over that of dropout, both at drop rate 0.3 on ones (ratio)."""
    rng = np.random.default_rng(0)
    ones = np.ones(200_000)
    return float(gaussian(ones, 0.3, True, rng).var() / dropout_forward(ones, 0.3, True, rng)[0].var())


def zoneout_mean() -> float:
    """Mean of a new state of ones, old state zero, under zoneout at 0.3: it is not kept at one."""
    zeros, ones = np.zeros(200_000), np.ones(200_000)
    return float(zoneout(zeros, ones, 0.3, True, np.random.default_rng(0)).mean())


def removal_hurts_less() -> Interval:
    """Rise of the test error, in points, when half of the hidden units go: drop rate 0.5 minus none."""
    images, labels, found = digits().test_images, digits().test_labels, []
    for seed in range(6):
        rises = []
        for p in (0.5, 0.0):
            curve = mlp.ablation_curve(
                trained(p, seed), images, labels, (0.0, 0.5), 10, np.random.default_rng(seed)
            )
            rises.append(100 * (curve[1] - curve[0]))
        found.append(rises[0] - rises[1])
    return interval(found)


def _published(key: str) -> Interval:
    path = Path(__file__).parents[1] / "results" / "coadaptation.json"
    value = json.loads(path.read_text(encoding="utf-8"))["values"][key]
    return Interval(value["value"], value["low"], value["high"])


def first_layer_correlation_changes() -> Interval:
    """Chapter 4's experiment: mean correlation of first-layer units, drop rate 0.5 minus none."""
    return _published("correlation_p50_minus_none")


def second_layer_correlation_changes() -> Interval:
    """The same for the second hidden layer, where the sign turns."""
    return _published("correlation_second_p50_minus_none")


def second_moment_after_twenty_layers() -> float:
    """Mean square of a linear signal after 20 layers with drop rate 0.1, over that without (ratio)."""
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(10):
        noisy = clean = rng.normal(size=(50, 128))
        for _ in range(20):
            weights = rng.normal(size=(128, 128)) / math.sqrt(128)
            clean, noisy = clean @ weights, dropout_forward(noisy, 0.1, True, rng)[0] @ weights
        ratios.append((noisy**2).mean() / (clean**2).mean())
    return float(np.mean(ratios))


def _deep(p: float, good_start: bool, seed: int = 0) -> float:
    torch.manual_seed(seed)
    layers = []
    for width in (196, *[64] * 11):
        linear = nn.Linear(width, 64)
        nn.init.normal_(linear.weight, std=math.sqrt(2 / width) if good_start else 0.05)
        nn.init.zeros_(linear.bias)
        layers += [linear, nn.ReLU(), nn.Dropout(p)]
    net = nn.Sequential(*layers, nn.Linear(64, 10))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    images, labels = (torch.from_numpy(array[:600]) for array in digits()[:2])
    for step in range(200):
        chosen = slice(50 * (step % 12), 50 * (step % 12) + 50)
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(images[chosen]), labels[chosen]).backward()
        optimizer.step()
    return float((net.eval()(images).argmax(1) == labels).float().mean())


def twelve_layers_with_a_poor_start() -> float:
    """Share of its training digits that a plain net of 12 ReLU layers knows; small weights, no dropout."""
    return _deep(0.0, good_start=False)


def twelve_layers_with_a_poor_start_and_dropout() -> float:
    """The same share with drop rate 0.2 in every layer: dropout does not rescue depth."""
    return _deep(0.2, good_start=False)


def twelve_layers_with_a_good_start() -> Interval:
    """The same share with weights of variance 2 / fan-in and no dropout, over four starts."""
    return interval([_deep(0.0, good_start=True, seed=seed) for seed in range(4)])


def twelve_layers_with_a_good_start_and_dropout() -> Interval:
    """The same share with the good start and drop rate 0.2 in every layer, over four starts."""
    return interval([_deep(0.2, good_start=True, seed=seed) for seed in range(4)])
