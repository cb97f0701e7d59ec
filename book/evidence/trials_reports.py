"""Measures of the trials about what is reported, T20, T23 and T24. `p` is the chance of dropping."""

import functools

import numpy as np
from _tools import digits, interval, test_error, trained

from dropgrade.reference import mlp

SEEDS = range(10)
RATES = (0.1, 0.2)


def _rise(p: float) -> list[float]:
    """Points of test error by which the loss of half of the hidden units
    raises it; one number a seed."""
    rises = []
    for seed in SEEDS[:5]:
        net, rng = trained(p, seed, 2000, 128, 600), np.random.default_rng(seed)
        whole, half = mlp.ablation_curve(net, *digits()[2:], (0.0, 0.5), 10, rng)
        rises.append(100 * (half - whole))
    return rises


def rise_after_plain_training():
    """Points of test error added by removing half of the hidden units, p =
    0 in training."""
    return interval(_rise(0.0))


def rise_after_dropout():
    """The same after training with p = 0.5."""
    return interval(_rise(0.5))


def _correlation(net: mlp.Params) -> float:
    """Mean absolute correlation of two hidden units over the test digits;
    silent units are left out."""
    hidden = np.maximum(digits().test_images @ net["W1"] + net["b1"], 0)
    r = np.corrcoef(hidden[:, hidden.std(axis=0) > 0].T)
    return float(np.abs(r[np.triu_indices(len(r), 1)]).mean())


def likeness_added():
    """Mean absolute correlation between hidden units that p = 0.5 adds."""
    pairs = [[_correlation(trained(p, seed, 2000, 128, 600)) for p in (0.0, 0.5)] for seed in SEEDS[:5]]
    return interval([dropped - plain for plain, dropped in pairs])


def _losses(seed: int, leak: bool = False) -> tuple[float, float, float]:
    """Losses in nats after 120 updates at p = 0.5: training digits, dropout
    on and off; test digits."""
    images, labels, test_images, test_labels = digits()
    if leak:  # the test digits are among those that are trained on
        images, labels = np.concatenate([images, test_images]), np.concatenate([labels, test_labels])
    rng = np.random.default_rng(seed)
    settings = {"p": 0.5, "steps": 120, "batch": 50, "rate": 0.1, "momentum": 0.9}
    net = mlp.train(mlp.start(196, 128, 10, rng), images, labels, settings, rng)
    logged, _ = mlp.loss_and_gradients(net, images, labels, 0.5, rng)
    return logged, mlp.score(net, images, labels)[1], mlp.score(net, test_images, test_labels)[1]


def logged_over_test():
    """Training loss as it is logged, dropout on, less the test loss; nats,
    no digit is in both sets."""
    return interval([logged - test for logged, _, test in map(_losses, SEEDS)])


def quiet_over_test():
    """Training loss of the same networks with dropout off, less the same
    test loss."""
    return interval([quiet - test for _, quiet, test in map(_losses, SEEDS)])


def quiet_over_test_with_a_leak():
    """The same when all test digits were trained on."""
    return interval([quiet - test for _, quiet, test in (_losses(seed, leak=True) for seed in SEEDS)])


def _halves(p: float, rate: float, seed: int) -> np.ndarray:
    """Test error in percent on the first and on the last 500 test digits."""
    net, (_, _, images, labels) = trained(p, seed, 500, 128, 600, rate), digits()
    return np.array(
        [100 * mlp.score(net, images[part], labels[part])[0] for part in (slice(500), slice(500, None))]
    )


@functools.cache
def _tuned(p: float) -> np.ndarray:
    """Errors by seed on each half of the test digits, at the learning rate
    that is best on the other half."""
    errors = np.array(
        [[_halves(p, rate, seed) for seed in SEEDS] for rate in RATES]
    )  # (rates, seeds, halves)
    best = errors.mean(axis=1).argmin(axis=0)
    return (errors[best[1], :, 0] + errors[best[0], :, 1]) / 2


def points_saved():
    """Points of accuracy that p = 0.5 adds with 500 training digits, each
    arm at its own learning rate."""
    return interval(_tuned(0.0) - _tuned(0.5))


def accuracy_gained():
    """The same gain in percent of the accuracy without dropout."""
    return interval(100 * (_tuned(0.0) - _tuned(0.5)) / (100 - _tuned(0.0)))


def errors_saved():
    """The same gain in percent of the errors without dropout."""
    return interval(100 * (_tuned(0.0) - _tuned(0.5)) / _tuned(0.0))


def points_from_two_changes():
    """Points of accuracy from 50 digits without dropout to 2,000 digits
    with p = 0.3."""
    pairs = [(trained(0.0, seed, 50, 64, 300), trained(0.3, seed, 2000, 64, 300)) for seed in SEEDS]
    return interval([test_error(old) - test_error(new) for old, new in pairs])


def points_from_data_alone():
    """Points of accuracy from 50 digits to 2,000, without dropout both
    times."""
    pairs = [(trained(0.0, seed, 50, 64, 300), trained(0.0, seed, 2000, 64, 300)) for seed in SEEDS]
    return interval([test_error(old) - test_error(new) for old, new in pairs])
