"""Fair comparisons: quantiles against a table, coverage by simulation, pairing by construction."""

import numpy as np
import pytest

from dropgrade.digits import load_digits
from dropgrade.reference import paired
from dropgrade.results import intervals

SPACE = {"rate": (1e-3, 1.0), "p": (0.0, 0.8)}
BUDGET = {"width": 16, "steps": 20, "batch": 100, "momentum": 0.9}


@pytest.mark.parametrize("df", [1, 2, 3, 4, 7, 30, 101])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
def test_t_quantile_agrees_with_that_of_the_results(level, df):
    """The experiments and the exercise use one quantile."""
    assert paired.t_quantile(level, df) == pytest.approx(intervals.t_quantile(level, df), rel=1e-12)


@pytest.mark.parametrize(
    ("level", "df", "t"),
    [(0.95, 1, 12.706205), (0.95, 4, 2.776445), (0.9, 7, 1.894579), (0.99, 30, 2.749996)],
)
def test_t_quantile_agrees_with_the_printed_table(level, df, t):
    """Four entries of any table of Student's t."""
    assert paired.t_quantile(level, df) == pytest.approx(t, abs=1e-6)


def test_paired_interval_is_that_of_the_differences():
    """The interval of two arms is the t-interval of the mean of their differences."""
    a, b = np.random.default_rng(1).normal(size=(2, 9))
    assert paired.paired_interval(a, b, 0.9) == pytest.approx(intervals.mean_interval(b - a, 0.9), rel=1e-12)


@pytest.mark.parametrize(
    ("a", "b"), [([1.0], [2.0]), ([1.0, 2.0], [1.0, 2.0, 3.0]), ([1.0, np.nan], [1.0, 2.0]), ([], [])]
)
def test_paired_interval_refuses_what_has_no_interval(a, b):
    """One pair, unequal lengths, and diverged runs raise ValueError."""
    with pytest.raises(ValueError, match="must be"):
        paired.paired_interval(np.array(a), np.array(b), 0.95)


def test_intervals_of_several_arms_cover_together():
    """Without any difference all four intervals hold 0 in at least 90 % of studies, and seldom in all."""
    rng = np.random.default_rng(2)
    tables = rng.normal(size=(2, 2000, 5, 3, 6)) + rng.normal(size=(2, 2000, 1, 1, 6))
    held = sum(
        all(arm["low"] <= 0 <= arm["high"] for arm in paired.compare(v, t, 0.9))
        for v, t in zip(*tables, strict=True)
    )
    assert 0.9 * 2000 - 4 * np.sqrt(2000 * 0.09) < held < 0.97 * 2000


def test_compare_chooses_on_validation_and_judges_on_test():
    """The rate that validation prefers is reported although test would prefer the other."""
    validation, test = np.zeros((2, 2, 3)), np.zeros((2, 2, 3))
    validation[:, 1] = 1
    test[1, 0] = [2.0, 2.1, 1.9]
    (found,) = paired.compare(validation, test, 0.95)
    assert found["rates"] == (0, 0) and found["mean"] == pytest.approx(2) and found["verdict"] == "worse"


def test_grid_and_random_settings_lie_in_the_space():
    """The grid has its corners; random logarithms and p are uniform, by their means."""
    grid = paired.propose("grid", 9, SPACE, np.random.default_rng(0))
    assert grid.shape == (9, 2) and set(grid[:, 1]) == {0.0, 0.4, 0.8}
    assert grid[:, 0].min() == pytest.approx(1e-3) and grid[:, 0].max() == pytest.approx(1)
    drawn = paired.propose("random", 10_000, SPACE, np.random.default_rng(3))
    assert np.log10(drawn[:, 0]).mean() == pytest.approx(-1.5, abs=0.05)
    assert drawn[:, 1].mean() == pytest.approx(0.4, abs=0.02)
    with pytest.raises(ValueError, match="'grid' or 'random'"):
        paired.propose("magic", 4, SPACE, np.random.default_rng(0))


def test_runs_of_one_seed_are_paired():
    """A p too small to drop anything gives the very errors of p = 0; another seed gives others."""
    digits = load_digits()
    settings = [{"p": p, "rate": 0.1} for p in (0.0, 1e-15)]
    errors = paired.measure(settings, (1, 2), BUDGET, digits[:2], digits[2:])
    assert np.array_equal(errors[0], errors[1]) and errors[0, 0] != errors[0, 1]
