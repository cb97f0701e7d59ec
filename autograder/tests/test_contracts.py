"""The reusable property check: its bounds hold, and it sees what it says it sees."""

import numpy as np
import pytest

from dropgrade.checks import contracts
from dropgrade.checks.statistics import at_least
from dropgrade.checks.verdicts import Failed

N = 60000


def two_point(p, n, rng):
    """A right noise of the law of dropout."""
    return np.where(rng.random(n) < p, -np.sqrt((1 - p) / p), np.sqrt(p / (1 - p)))


def test_chernoff_bound_covers_the_exact_tail():
    """For two-valued noise the exact binomial chance beyond the bound is at most what was allowed."""
    for p in (0.1, 0.4, 0.8):
        _, high = contracts.reach(contracts.two_point_law(p).growth, 2000, 1e-4)
        kept = 2000 * ((1 - p) + high * np.sqrt(p * (1 - p)))  # the count whose average z is the bound
        assert 1e-7 < at_least(int(np.ceil(kept)), 2000, 1 - p) <= 0.5e-4


def test_bound_of_the_square_covers_simulation():
    """Of 4000 right samples with one per cent allowed at most one per cent stray, and some do."""
    rng = np.random.default_rng(1)
    low, high = contracts.reach(contracts.normal_law().square_growth, 500, 0.01)
    squares = (rng.standard_normal((4000, 500)) ** 2).mean(axis=1) - 1
    assert 1 <= ((squares < low) | (squares > high)).sum() <= 40


@pytest.mark.parametrize("p", [0.15, 0.4, 0.85])
def test_right_noise_passes(p):
    """Noise of the law passes at three rates."""
    z = two_point(p, N, np.random.default_rng(2))
    contracts.judge_contract(z, contracts.two_point_law(p), "it", lambda: None)


@pytest.mark.parametrize(("shift", "scale", "word"), [(0.05, 1, "mean"), (0, 1.15**0.5, "variance")])
def test_stated_error_is_caught(shift, scale, word):
    """A mean off by 0.05 and a variance off by 15 % are caught in each of 100 samples."""
    law = contracts.Law(*(getattr(contracts.normal_law(), name) for name in ("growth", "square_growth")))
    for seed in range(100):
        z = shift + scale * np.random.default_rng(seed).standard_normal(N)
        with pytest.raises(Failed, match=word):
            contracts.judge_contract(z, law, "it", lambda: None)


def test_right_moments_of_another_shape_are_caught():
    """Uniform noise with mean 0 and variance 1 is not normal noise."""
    z = np.random.default_rng(3).uniform(-(3**0.5), 3**0.5, N)
    with pytest.raises(Failed, match="quantile"):
        contracts.judge_contract(z, contracts.normal_law(), "it", lambda: "wrong_distribution")


def test_unknown_value_is_caught():
    """A single value that the law does not know is enough."""
    z = two_point(0.3, N, np.random.default_rng(4))
    z[7] = 0.1
    with pytest.raises(Failed, match="1 of 60000"):
        contracts.judge_contract(z, contracts.two_point_law(0.3), "it", lambda: None)


def test_names_go_to_the_best_fit():
    """The distribution that fits best names the mistake, and a bad fit names none."""
    z = np.random.default_rng(5).uniform(0, 1, N)
    square = {"square": lambda v: v**2}
    assert contracts.name_law(z, square | {"uniform": lambda v: v}) == "uniform"
    assert contracts.name_law(z, square) is None
