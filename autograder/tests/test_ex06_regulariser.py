"""What the checks of 06_regulariser promise: false alarms, the smallest errors they catch, clear messages."""

from math import erf, sqrt

import numpy as np
import pytest

from dropgrade.checks import ex06_regulariser, exercise, judge, regulariser_draws, run
from dropgrade.checks.api import functions_in
from dropgrade.checks.statistics import at_least, at_most, false_alarm, limits
from dropgrade.reference import regulariser

TASK = exercise("06_regulariser")
RIGHT = {name: getattr(regulariser, name) for name in TASK.functions}


def verdicts(check_id, seeds=20, **replaced):
    """Verdicts of one check on the reference with some functions replaced."""
    one = next(c for c in TASK.checks if c.id == check_id)
    functions = functions_in(TASK, RIGHT | replaced)
    return [judge(TASK, one, functions, seed) for seed in range(seeds)]


def test_landing_is_far_from_the_limit():
    """Runs of the reference land within a third of the allowed distance, under each of 40 seeds."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        for p in (0.3, 0.6):
            X, y = ex06_regulariser.contrasting(rng, p)
            right, plain = regulariser.ridge(X, y, p), regulariser.ridge(X, y, 0.0)
            found = regulariser.sgd(X, y, p, 0.2 * regulariser.step_limit(X, p), 2000, rng)
            away = np.linalg.norm(found - right) / np.linalg.norm(plain - right)
            assert away < ex06_regulariser.LANDED / 3


def test_half_way_to_least_squares_is_seen():
    """A descent that lands half way between closed form and least squares fails, each time."""

    def sgd(X, y, p, step, steps, rng):
        found = regulariser.sgd(X, y, p, step, steps, rng)
        return found + (regulariser.ridge(X, y, 0.0) - regulariser.ridge(X, y, p)) / 2

    assert not any(v.passed for v in verdicts("sgd_lands", sgd=sgd))


@pytest.mark.parametrize("factor", [0.85, 1.15])
def test_a_variance_off_by_15_percent_is_seen(factor):
    """The bound on the variance is tight enough for the promise, each of 50 times."""

    def noisy(x, p, rng):
        return x * (1 + np.sqrt(factor * p / (1 - p)) * rng.standard_normal(x.shape))

    assert not any(v.passed for v in verdicts("gaussian_matches", 50, gaussian=noisy))


@pytest.mark.parametrize("bound", [0.5, 1, 2, 3])
def test_counts_within_deviations_stray_as_seldom_as_stated(bound):
    """The count of normal noise within so many deviations keeps to its limits but for the stated chance."""
    usual = erf(bound / sqrt(2))
    alpha = regulariser_draws.ALPHA / 8
    assert false_alarm(40_000, usual, *limits(40_000, usual, alpha)) <= alpha


def test_copied_signs_are_seen():
    """Where a fifth of the signs is copied, 60 % agree, and that strays in 999 of 1,000 runs."""
    low, high = limits(15_000, 0.5, regulariser_draws.ALPHA / 3)
    assert at_most(low - 1, 15_000, 0.6) + at_least(high + 1, 15_000, 0.6) > 0.999


def test_a_slip_in_strengths_is_named_wherever_it_shows():
    """Functions that build on wrong strengths fail with the name of the slip, not with another."""

    def strengths(X, p):
        return p * (X**2).mean(axis=0)

    def ridge(X, y, p):
        return np.linalg.solve(X.T @ X / len(X) + np.diag(strengths(X, p)), X.T @ y / len(X))

    report = run("06_regulariser", RIGHT | {"strengths": strengths, "ridge": ridge}, seed=1)
    failed = {c["id"]: c["diagnosis"] for c in report["checks"] if not c["passed"]}
    assert failed.pop("rejects_bad_p") == "p_not_validated"
    assert set(failed) == {"strengths_match", "ridge_minimises", "ridge_exists"}
    assert set(failed.values()) == {"rate_instead_of_odds"}


@pytest.mark.parametrize(
    "value", [None, "a string", (1.0, 2.0), [1.0, [2.0]], np.ones((3, 3, 3)), 1j, {"w": 1}, float("nan")]
)
def test_nonsense_gets_a_verdict_and_no_crash(value):
    """Whatever the functions return, each check fails, with a message."""
    report = run("06_regulariser", dict.fromkeys(TASK.functions, lambda *arguments: value), seed=1)
    assert [c["id"] for c in report["checks"] if c["passed"]] == []
    assert all(len(c["message"]) > 20 for c in report["checks"])
