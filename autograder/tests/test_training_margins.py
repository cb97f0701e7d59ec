"""Exercise 04_coadaptation trains: how far right answers stay from its limits, and what a lost mask costs.

`DROPGRADE_SEEDS` sets the number of seeds. The few used by default estimate a deviation only roughly, so less
is asked of them than what 300 seeds show.
"""

import os

import numpy as np
import pytest

from dropgrade.checks import exercise, judge, training
from dropgrade.digits import load_digits
from dropgrade.reference import mlp

TASK = exercise("04_coadaptation")
SEEDS = range(int(os.environ.get("DROPGRADE_SEEDS", 12)))
FAR, NEAR = (6, 3) if len(SEEDS) >= 100 else (5, 2.5)
RIGHT = {name: getattr(mlp, name) for name in TASK.functions}


@pytest.fixture(scope="module")
def runs():
    """For each seed and p: error, its rise without half of the units, and loss; float64 (2, seeds, 3)."""
    test = load_digits()[2:]

    def measured(seed, p):
        params = training.digits_run({"train": mlp.train}, seed, p)
        error, loss = mlp.score(params, *test)
        half = mlp.ablation_curve(params, *test, (0.5,), 10, np.random.default_rng(seed))[0]
        return error, half - error, loss

    return np.array([[measured(seed, p) for seed in SEEDS] for p in (0.0, 0.5)])


def distance(limit, values):
    """How many standard deviations a limit lies above the mean of these values."""
    return (limit - values.mean()) / values.std(ddof=1)


def test_right_error_stays_far_below_its_limit(runs):
    """The error with p = 0.5 stays at least six standard deviations below WORST_ERROR."""
    error = runs[1, :, 0]
    assert error.max() < training.WORST_ERROR and distance(training.WORST_ERROR, error) > FAR


def test_right_rise_stays_far_below_its_limit(runs):
    """The rise with p = 0.5 stays at least six standard deviations below WORST_RISE."""
    rise = runs[1, :, 1]
    assert rise.max() < training.WORST_RISE and distance(training.WORST_RISE, rise) > FAR


def test_right_gain_stays_far_above_its_limit(runs):
    """The mean gain over two seeds stays at least six of its standard deviations above LEAST_GAIN."""
    gain = runs[0, :, 2] - runs[1, :, 2]
    assert gain.min() > training.LEAST_GAIN
    assert distance(-training.LEAST_GAIN, -gain) * np.sqrt(2) > FAR


def test_units_trained_without_dropout_exceed_the_rise(runs):
    """Without dropout every rise lies beyond WORST_RISE, by three standard deviations of its own."""
    rise = runs[0, :, 1]
    assert rise.min() > training.WORST_RISE and distance(training.WORST_RISE, rise) < -NEAR


def other_rate(change):
    """The reference with another p in the forward pass and in the loss."""

    def logits(params, x, p, training, rng):
        return mlp.logits(params, x, change(p), training, rng)

    def loss_and_gradients(params, x, labels, p, rng):
        return mlp.loss_and_gradients(params, x, labels, change(p), rng)

    return RIGHT | {"logits": logits, "loss_and_gradients": loss_and_gradients}


def constant_rate(p):
    """Trains with this p whatever the settings say."""
    return RIGHT | {"train": lambda net, x, y, s, rng: mlp.train(net, x, y, s | {"p": p}, rng)}


def rounded_up(params, images, labels, shares, masks, rng):
    """One unit more than asked for, wherever any is removed."""
    width = len(params["b1"])
    more = [share + (1 / width if share else 0) for share in shares]
    return mlp.ablation_curve(params, images, labels, more, masks, rng)


@pytest.mark.parametrize(
    ("check_id", "wrong", "seeds"),
    [
        ("training_drops_hidden_units", other_rate(lambda p: p + 0.07), 50),
        ("training_drops_hidden_units", other_rate(lambda p: p - 0.07), 50),
        ("gradients_use_dropout", other_rate(lambda p: p + 0.15), 50),
        ("gradients_use_dropout", other_rate(lambda p: p - 0.15), 50),
        ("removal_takes_whole_units", RIGHT | {"ablation_curve": rounded_up}, 50),
        ("learns_and_leans_less", constant_rate(0.0), 4),
        ("dropout_generalises", constant_rate(0.5), 2),
    ],
)
def test_smallest_error_is_caught(check_id, wrong, seeds):
    """The smallest error that a check states is caught under each seed."""
    check = next(c for c in TASK.checks if c.id == check_id)
    assert not any(judge(TASK, check, wrong, seed=seed).passed for seed in range(seeds))
