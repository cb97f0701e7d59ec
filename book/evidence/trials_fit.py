"""Measures of the trials about fitting, T09, T12, T14 and T21. `p` is the chance of dropping."""

import numpy as np
from _tools import digits, interval, test_error, trained

from dropgrade.reference import mlp

SEEDS = range(10)


def _nll(net: mlp.Params, count: int | None = None) -> float:
    """NLL in nats of the test digits, or of the first `count` training
    digits, all units on."""
    part = digits()[2:] if count is None else (digits().train_images[:count], digits().train_labels[:count])
    return mlp.score(net, *part)[1]


def _gain(count: int, width: int, steps: int, p: float = 0.5) -> list[float]:
    """Points of test error that dropout adds (negative: saves), one number
    for each seed."""
    settings = count, width, steps
    return [
        test_error(trained(p, seed, *settings)) - test_error(trained(0.0, seed, *settings)) for seed in SEEDS
    ]


def misread_in_training():
    """Percent of its own 100 training digits that a network with p = 0.5
    misreads after 600 updates."""
    part = digits().train_images[:100], digits().train_labels[:100]
    return interval([100 * mlp.score(trained(0.5, seed, 100, 128, 600), *part)[0] for seed in SEEDS])


def gain_from_100():
    """Points of test error added by p = 0.5 with 100 training digits;
    negative would be a gain."""
    return interval(_gain(count=100, width=128, steps=600))


def gain_from_500():
    """The same with 500 training digits."""
    return interval(_gain(count=500, width=128, steps=600))


def gain_in_a_narrow_net():
    """Points of test error added by p = 0.5 with 12 hidden units instead of
    128, on 2,000 digits."""
    return interval(_gain(count=2000, width=12, steps=600))


def cost_in_one_epoch():
    """Test NLL in nats added by p = 0.5 when each of the 2,000 digits is
    seen once: 40 updates."""
    return interval([_added(0.5, seed, width=128, steps=40, rate=0.1)[1] for seed in SEEDS])


def _added(p: float, seed: int, width: int, steps: int, rate: float) -> tuple[float, float, float]:
    """What dropout adds: training NLL and test NLL in nats, points of test
    error."""
    plain, dropped = (trained(chance, seed, 2000, width, steps, rate) for chance in (0.0, p))
    return (
        _nll(dropped, 2000) - _nll(plain, 2000),
        _nll(dropped) - _nll(plain),
        test_error(dropped) - test_error(plain),
    )


def misread_by_five_units():
    """Percent of its own 2,000 training digits that a plain network of five
    hidden units misreads."""
    nets = [trained(0.0, seed, 2000, 5, 600, 0.03) for seed in SEEDS]
    return interval([100 * mlp.score(net, *digits()[:2])[0] for net in nets])


def fit_of_five_units():
    """Training NLL in nats that p = 0.1 adds with five hidden units."""
    return interval([_added(0.1, seed, width=5, steps=600, rate=0.03)[0] for seed in SEEDS])


def test_of_five_units():
    """Test NLL in nats that p = 0.1 adds with five hidden units."""
    return interval([_added(0.1, seed, width=5, steps=600, rate=0.03)[1] for seed in SEEDS])


def fit_of_twelve_units():
    """Training NLL in nats that p = 0.1 adds with twelve hidden units."""
    return interval([_added(0.1, seed, width=12, steps=600, rate=0.03)[0] for seed in SEEDS])


def test_of_twelve_units():
    """Test NLL in nats that p = 0.1 adds with twelve hidden units."""
    return interval([_added(0.1, seed, width=12, steps=600, rate=0.03)[1] for seed in SEEDS])


def _in_two_parts(early: float, seed: int) -> mlp.Params:
    """Five hidden units, 100 updates with dropout `early`, then 500
    without."""
    rng, part = np.random.default_rng(seed), digits()[:2]
    settings = {"p": early, "steps": 100, "batch": 50, "rate": 0.03, "momentum": 0.9}
    net = mlp.train(mlp.start(196, 5, 10, rng), *part, settings, rng)
    return mlp.train(net, *part, settings | {"p": 0.0, "steps": 500}, rng)


def fit_after_early_dropout():
    """Training NLL in nats that p = 0.1 in the first 100 updates alone adds
    with five hidden units."""
    pairs = [[_nll(_in_two_parts(early, seed), 2000) for early in (0.0, 0.1)] for seed in SEEDS]
    return interval([some - none for none, some in pairs])


def half_the_width():
    """Points of test error of 64 plain units, less 128 units with p = 0.5."""
    pairs = [(trained(0.0, seed, 2000, 64, 600), trained(0.5, seed, 2000, 128, 600)) for seed in SEEDS]
    return interval([test_error(small) - test_error(dropped) for small, dropped in pairs])


def half_the_width_nll():
    """The same in nats of NLL."""
    pairs = [(trained(0.0, seed, 2000, 64, 600), trained(0.5, seed, 2000, 128, 600)) for seed in SEEDS]
    return interval([_nll(small) - _nll(dropped) for small, dropped in pairs])


def whole_against_half():
    """Points of test error of 64 plain units, less 128 plain units."""
    pairs = [(trained(0.0, seed, 2000, 64, 600), trained(0.0, seed, 2000, 128, 600)) for seed in SEEDS]
    return interval([test_error(small) - test_error(whole) for small, whole in pairs])
