"""Measures for the questions on when and where to use dropout, and on what to use instead."""

import inspect
import itertools
import math

import numpy as np
from _tools import Interval, digits, interval, test_error, trained
from torch import nn

from dropgrade.reference import mlp
from dropgrade.reference.numpy_ops import keep_mask
from dropgrade.reference.paired import t_quantile
from dropgrade.reference.small_nets import rotate


def _changes(count: int, steps: int, seeds: int, loss: bool) -> Interval:
    arms = [[trained(p, s, count=count, steps=steps) for p in (0.5, 0.0)] for s in range(seeds)]
    judge = _loss if loss else test_error
    return interval([judge(some) - judge(none) for some, none in arms])


def _loss(net: mlp.Params) -> float:
    return mlp.score(net, digits().test_images, digits().test_labels)[1]


def loss_change_with_100_digits() -> Interval:
    """Test loss in nats, 100 training digits, 300 steps: drop rate 0.5 minus none."""
    return _changes(100, 300, 8, loss=True)


def error_change_with_600_digits() -> Interval:
    """Test error in points, 600 training digits, 600 steps: drop rate 0.5 minus none."""
    return _changes(600, 600, 8, loss=False)


def error_change_with_2000_digits() -> Interval:
    """Test error in points, 2,000 training digits, 900 steps: drop rate 0.5 minus none."""
    return _changes(2000, 900, 6, loss=False)


def training_error_with_100_digits() -> float:
    """Percent of its 100 training digits that a network trained with drop rate 0.5 gets wrong (mean)."""
    part = digits().train_images[:100], digits().train_labels[:100]
    return float(np.mean([100 * mlp.score(trained(0.5, s, count=100), *part)[0] for s in range(8)]))


def transformer_layer_default() -> float:
    """The drop rate that torch's TransformerEncoderLayer has if nobody asks for another."""
    return float(inspect.signature(nn.TransformerEncoderLayer).parameters["dropout"].default)


def attention_layer_default() -> float:
    """The drop rate that torch's MultiheadAttention has if nobody asks for another."""
    return float(inspect.signature(nn.MultiheadAttention).parameters["dropout"].default)


def attention_row_spread() -> float:
    """Standard deviation of the sum of 16 equal attention weights after dropout at 0.1 (the mean stays 1)."""
    keep = keep_mask((100_000, 16), 0.1, np.random.default_rng(0))
    return float((np.where(keep, 1 / 16, 0) / 0.9).sum(axis=1).std())


def _neighbours_tell(keep: np.ndarray, maps: np.ndarray) -> float:
    rows = list(itertools.product((-1, 0, 1), repeat=2))
    around = [np.roll(maps * keep, move, (1, 2)) for move in rows if move != (0, 0)]
    seen = [np.roll(keep, move, (1, 2)) for move in rows if move != (0, 0)]
    known = np.sum(seen, axis=0)
    guess = np.where(known > 0, np.sum(around, axis=0) / np.maximum(known, 1), maps.mean())
    lost = maps[~keep]
    return float(1 - ((lost - guess[~keep]) ** 2).mean() / lost.var())


def _maps() -> np.ndarray:
    images = digits().test_images[:300].reshape(-1, 14, 14)  # a 3 by 3 mean is a simple convolution
    moves = itertools.product((-1, 0, 1), repeat=2)
    return np.mean([np.roll(images, move, (1, 2)) for move in moves], axis=0)


def dropped_entries_known_from_neighbours() -> float:
    """R squared with which kept neighbours tell a dropped entry of a feature map, drop rate 0.5."""
    maps = _maps()
    return _neighbours_tell(keep_mask(maps.shape, 0.5, np.random.default_rng(0)), maps)


def dropped_blocks_known_from_neighbours() -> float:
    """The same R squared when blocks of 7 by 7 are dropped, drop rate 0.5."""
    maps = _maps()
    keep = keep_mask((len(maps), 2, 2), 0.5, np.random.default_rng(0))
    return _neighbours_tell(keep.repeat(7, axis=1).repeat(7, axis=2), maps)


def loss_floor_with_dropped_logits() -> float:
    """Lowest mean training loss in nats for 10 classes, answer known, when logits are dropped at rate 0.5."""
    right, wrong = np.meshgrid(np.linspace(0, 40, 81), np.linspace(-40, 0, 81))
    total = 0.0
    for kept in range(10):  # of the nine wrong logits; dropped ones are zero
        chance = math.comb(9, kept) / 2**9
        rest = np.logaddexp(math.log(max(9 - kept, 1e-300)), math.log(max(kept, 1e-300)) + 2 * wrong)
        total = total + chance / 2 * (np.logaddexp(2 * right, rest) - 2 * right + np.logaddexp(0, rest))
    return float(total.min())


def all_of_four_dropped() -> float:
    """Share of examples for which a layer of four units passes nothing on, drop rate 0.5."""
    return float((~keep_mask((200_000, 4), 0.5, np.random.default_rng(0))).all(axis=1).mean())


def _l2(seed: int, strength: float) -> mlp.Params:
    rng = np.random.default_rng(seed)
    net = mlp.start(196, 64, 10, rng)
    order, masks = rng.spawn(2)
    speed = {name: np.zeros_like(value) for name, value in net.items()}
    for step in range(300):
        if step % 12 == 0:
            shuffled = order.permutation(600).reshape(12, 50)
        chosen = shuffled[step % 12]
        part = digits().train_images[chosen], digits().train_labels[chosen]
        _, gradients = mlp.loss_and_gradients(net, *part, 0.0, masks)
        for name in net:
            decay = 2 * strength * net[name] if name.startswith("W") else 0
            speed[name] = 0.9 * speed[name] - 0.1 * (gradients[name] + decay)
            net[name] = net[name] + speed[name]
    return net


def l2_changes_the_loss() -> Interval:
    """Test loss in nats: L2 of strength 0.003 and no dropout minus neither."""
    return interval([_loss(_l2(s, 0.003)) - _loss(trained(0.0, s)) for s in range(8)])


def dropout_changes_the_loss() -> Interval:
    """Test loss in nats: drop rate 0.5 minus none, the same digits, steps and seeds."""
    return interval([_loss(trained(0.5, s)) - _loss(trained(0.0, s)) for s in range(8)])


def _shifted(seed: int, p: float) -> mlp.Params:
    images, labels = digits().train_images[:600].reshape(-1, 14, 14), digits().train_labels[:600]
    moves = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    many = np.concatenate([np.roll(images, move, (1, 2)) for move in moves]).reshape(-1, 196)
    rng = np.random.default_rng(seed)
    settings = {"p": p, "steps": 300, "batch": 50, "rate": 0.1, "momentum": 0.9}
    return mlp.train(mlp.start(196, 64, 10, rng), many, np.tile(labels, 5), settings, rng)


def shifts_minus_nothing() -> Interval:
    """Test error in points: training digits also shifted by one pixel, minus neither shifts nor dropout."""
    return interval([test_error(_shifted(s, 0.0)) - test_error(trained(0.0, s)) for s in range(8)])


def shifts_minus_dropout() -> Interval:
    """Test error in points: shifts without dropout minus drop rate 0.5 without shifts; as many steps."""
    return interval([test_error(_shifted(s, 0.0)) - test_error(trained(0.5, s)) for s in range(8)])


def dropout_on_top_of_shifts() -> Interval:
    """Test error in points: shifts and drop rate 0.5 minus shifts alone."""
    return interval([test_error(_shifted(s, 0.5)) - test_error(_shifted(s, 0.0)) for s in range(8)])


def gap_from_wrong_labels() -> float:
    """Points that the error rises, same network and digits, when a fifth of the labels is made wrong."""
    labels, rng = digits().test_labels, np.random.default_rng(0)
    other = (labels + rng.integers(1, 10, len(labels))) % 10
    flipped = np.where(rng.random(len(labels)) < 0.2, other, labels)
    net = trained(0.5, 0)
    return 100 * mlp.score(net, digits().test_images, flipped)[0] - test_error(net)


def gap_from_another_source() -> float:
    """Points that the error rises, same network and labels, when the digits are turned by 30 degrees."""
    net = trained(0.5, 0)
    turned = rotate(digits().test_images, 30)
    return 100 * mlp.score(net, turned, digits().test_labels)[0] - test_error(net)


def narrow_minus_wide_with_dropout() -> Interval:
    """Test error in points: 16 units without dropout minus 64 units with drop rate 0.5."""
    return interval([test_error(trained(0.0, s, width=16)) - test_error(trained(0.5, s)) for s in range(8)])


def wide_over_narrow_cost() -> float:
    """Multiplications of one answer, 64 units over 16 units (ratio): what dropout does not give back."""
    sizes = [sum(trained(0.0, 0, width=width)[name].size for name in ("W1", "W2")) for width in (64, 16)]
    return sizes[0] / sizes[1]


def undecided_although_real() -> float:
    """Share of studies that stay undecided, 6 seeds, spread 0.24 points, although the true gain is 0.3."""
    d = np.random.default_rng(0).normal(-0.3, 0.24, size=(20_000, 6))
    half = t_quantile(0.95, 5) * d.std(axis=1, ddof=1) / math.sqrt(6)
    return float((np.abs(d.mean(axis=1)) <= half).mean())


def seeds_for_a_tenth() -> int:
    """Seeds until the interval's half-width, at a spread of 0.24 points, is at most 0.1 points."""
    return next(n for n in range(2, 200) if t_quantile(0.95, n - 1) * 0.24 / math.sqrt(n) <= 0.1)
