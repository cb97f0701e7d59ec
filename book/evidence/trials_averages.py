"""Measures of the trials about averaging, T06 to T08 and T13. `p` is the chance of dropping."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from _tools import digits, interval, trained

from dropgrade.reference import ensemble, mlp

FIVES = [range(5 * i, 5 * i + 5) for i in range(5)]  # five repetitions, each with seeds of its own


def _error(probabilities: np.ndarray) -> float:
    """Percent of the test digits whose largest probability is at the wrong
    class."""
    return 100 * float((probabilities.argmax(axis=1) != digits().test_labels).mean())


def _nll(probabilities: np.ndarray) -> float:
    """Mean negative log-likelihood of the test digits in nats."""
    labels = digits().test_labels
    return -float(np.log(probabilities[np.arange(len(labels)), labels]).mean())


def _together(p: float, seeds: Sequence[int], steps: int = 600) -> np.ndarray:
    """Mean over the networks of some seeds of the probabilities they give
    to the test digits."""
    nets = [trained(p, seed, 2000, 128, steps) for seed in seeds]
    return np.mean([_passes(net, 0.0, 1)[0] for net in nets], axis=0)


def _passes(net: mlp.Params, p: float, count: int) -> np.ndarray:
    """Probabilities of the test digits in `count` passes with dropout on:
    float (count, digits, classes)."""
    rng = np.random.default_rng(0)
    logits = (mlp.logits(net, digits().test_images, p, p > 0, rng) for _ in range(count))
    return np.array([np.exp(mlp.log_softmax(scores)) for scores in logits])


def _alone(p: float, five: Sequence[int]) -> float:
    """Percent of test digits that networks of five seeds get wrong, each on
    its own: their mean."""
    return float(np.mean([_error(_together(p, [seed])) for seed in five]))


def dropout_over_plain():
    """Points of test error of a network with p = 0.5, less one without; 600
    updates each, 25 seeds."""
    pairs = [(_alone(0.5, [seed]), _alone(0.0, [seed])) for five in FIVES for seed in five]
    return interval([dropped - plain for dropped, plain in pairs])


def five_plain_over_dropout():
    """Points of test error of five plain networks together, less a single
    network with p = 0.5."""
    return interval([_error(_together(0.0, five)) - _alone(0.5, five) for five in FIVES])


def five_dropouts_over_one():
    """Points of test error of five networks with p = 0.5 together, less a
    single one of them."""
    return interval([_error(_together(0.5, five)) - _alone(0.5, five) for five in FIVES])


def five_short_over_dropout():
    """Points of test error of five plain networks that share the 600
    updates of a single one with p = 0.5."""
    return interval([_error(_together(0.0, five, 120)) - _alone(0.5, five) for five in FIVES])


def _tiny(hidden: int) -> tuple[np.ndarray, list]:
    """An example of 10 numbers and a random network for it: no hidden
    layer, or one with `hidden` units."""
    rng = np.random.default_rng(0)
    sizes = [10, hidden, 3] if hidden else [10, 3]
    layers = [(rng.normal(size=pair), rng.normal(size=pair[1])) for pair in pairwise(sizes)]
    return rng.normal(size=10), layers


def sums_against_their_mean():
    """Largest difference between the scores of one pass and their mean over
    1,024 masks; no hidden layer."""
    x, layers = _tiny(hidden=0)
    keep = ensemble.all_masks(10)
    scores = ensemble.member_logits(x, layers, keep, 0.5)
    one_pass = x @ layers[0][0] + layers[0][1]
    return np.abs(ensemble.chances(keep, 0.5) @ scores - one_pass).max()


def softmax_against_the_geometric_mean():
    """Largest difference in probability between one pass and the geometric
    mean of these 1,024 networks."""
    x, layers = _tiny(hidden=0)
    keep = ensemble.all_masks(10)
    members, weights = ensemble.members(x, layers, keep, 0.5), ensemble.chances(keep, 0.5)
    return np.abs(ensemble.geometric(members, weights) - ensemble.scaled(x, layers)).max()


def softmax_against_the_average():
    """Largest difference in probability between one pass and the ordinary
    average of the same networks."""
    x, layers = _tiny(hidden=0)
    keep = ensemble.all_masks(10)
    members, weights = ensemble.members(x, layers, keep, 0.5), ensemble.chances(keep, 0.5)
    return np.abs(ensemble.arithmetic(members, weights) - ensemble.scaled(x, layers)).max()


def hidden_against_the_geometric_mean():
    """The same for the geometric mean with a hidden layer of four ReLUs:
    16,384 networks, untrained."""
    x, layers = _tiny(hidden=4)
    keep = ensemble.all_masks(14)
    members, weights = ensemble.members(x, layers, keep, 0.5), ensemble.chances(keep, 0.5)
    return np.abs(ensemble.geometric(members, weights) - ensemble.scaled(x, layers)).max()


def answers_that_differ():
    """Percent of test digits that one pass and the average of 50 masks read
    differently; p = 0.5."""
    nets = [trained(0.5, seed, 2000, 128, 600) for seed in range(5)]
    pairs = [(_passes(net, 0.0, 1)[0], _passes(net, 0.5, 50).mean(axis=0)) for net in nets]
    return interval([100 * (a.argmax(axis=1) != b.argmax(axis=1)).mean() for a, b in pairs])


def fifty_masks_over_one_pass():
    """NLL in nats of the average of 50 masks, less that of one pass with
    all units on; p = 0.5."""
    nets = [trained(0.5, seed, 2000, 128, 600) for seed in range(5)]
    return interval(
        [_nll(_passes(net, 0.5, 50).mean(axis=0)) - _nll(_passes(net, 0.0, 1)[0]) for net in nets]
    )


def one_mask_over_one_pass():
    """Points of test error of a single pass with one mask, less a pass with
    all units on; p = 0.5."""
    nets = [trained(0.5, seed, 2000, 128, 600) for seed in range(5)]
    return interval([_error(_passes(net, 0.5, 1)[0]) - _error(_passes(net, 0.0, 1)[0]) for net in nets])


def fifty_masks_over_one_pass_error():
    """Points of test error of the average of 50 masks, less a pass with all
    units on; p = 0.5."""
    nets = [trained(0.5, seed, 2000, 128, 600) for seed in range(5)]
    return interval(
        [_error(_passes(net, 0.5, 50).mean(axis=0)) - _error(_passes(net, 0.0, 1)[0]) for net in nets]
    )


def doubt_finds_mistakes():
    """Chance in percent that a misread digit has more spread over 50 masks
    than one that was read right."""
    found = []
    for seed in range(5):
        passes = _passes(trained(0.5, seed, 2000, 128, 600), 0.5, 50)
        wrong = passes.mean(axis=0).argmax(axis=1) != digits().test_labels
        spread = passes.std(axis=0).max(axis=1)
        found.append(100 * (spread[wrong, None] > spread[~wrong]).mean())
    return interval(found)


def doubt_without_masks():
    """The same when a digit's doubt is one minus its largest probability in
    one pass with all units on."""
    found = []
    for seed in range(5):
        probabilities = _passes(trained(0.5, seed, 2000, 128, 600), 0.0, 1)[0]
        wrong = probabilities.argmax(axis=1) != digits().test_labels
        doubt = 1 - probabilities.max(axis=1)
        found.append(100 * (doubt[wrong, None] > doubt[~wrong]).mean())
    return interval(found)


def _tree(x: np.ndarray, y: np.ndarray, allowed: np.ndarray | None, rng: np.random.Generator):
    """A tree (feature, cut, left, right) or a class; 14 features from
    `allowed`, or 14 afresh a split."""
    if len(set(y)) == 1 or len(y) < 4:
        return int(np.bincount(y).argmax())
    features = rng.permutation(196)[:14] if allowed is None else allowed
    cuts = np.array([rng.choice(x[:, feature]) for feature in features])
    left = x[:, features] <= cuts
    onehot = np.eye(10)[y]
    inside, outside = left.T @ onehot, (~left).T @ onehot
    sizes = inside.sum(axis=1), outside.sum(axis=1)
    purity = sum(
        (part**2).sum(axis=1) / np.maximum(n, 1) for part, n in zip((inside, outside), sizes, strict=True)
    )
    best = int(np.where(np.minimum(*sizes) > 0, purity, -1).argmax())
    side = left[:, best]
    if side.all() or not side.any():
        return int(np.bincount(y).argmax())
    branches = (_tree(x[part], y[part], allowed, rng) for part in (side, ~side))
    return int(features[best]), float(cuts[best]), *branches


def _read(tree, x: np.ndarray) -> np.ndarray:
    """The class a tree gives to each row."""
    if isinstance(tree, int):
        return np.full(len(x), tree)
    feature, cut, left, right = tree
    answers, side = np.empty(len(x), dtype=int), x[:, feature] <= cut
    answers[side], answers[~side] = _read(left, x[side]), _read(right, x[~side])
    return answers


def _forest_error(per_tree: bool, seed: int) -> float:
    """Percent of test digits that 12 trees on bootstrap samples of 600
    digits vote wrongly."""
    rng, votes = np.random.default_rng(seed), np.zeros((1000, 10))
    for _ in range(12):
        chosen = rng.integers(600, size=600)
        allowed = rng.permutation(196)[:14] if per_tree else None
        tree = _tree(digits().train_images[chosen], digits().train_labels[chosen], allowed, rng)
        votes[np.arange(1000), _read(tree, digits().test_images)] += 1
    return _error(votes)


def pixels_of_a_tree():
    """Different pixels, of 196, that one tree of a random forest looks at;
    each split offers it 14."""
    chosen, rng = [], np.random.default_rng(0)
    tree = _tree(digits().train_images[:600], digits().train_labels[:600], None, rng)
    open_branches = [tree]
    while open_branches:
        if isinstance(node := open_branches.pop(), tuple):
            chosen.append(node[0])
            open_branches += node[2:]
    return len(set(chosen))


def one_subset_over_many():
    """Points of test error of forests with one subset of 14 pixels for each
    tree, less one for each split."""
    return interval([_forest_error(True, seed) - _forest_error(False, seed) for seed in range(5)])
