"""Dropout as a penalty, against enumeration, finite differences, and laws that must hold."""

from math import isclose

import numpy as np
import pytest

from dropgrade.reference import ensemble, regulariser

RATES = (0.0, 0.1, 0.5, 0.8)


def problem(seed, n=6, d=4):
    """w, X and y with columns of different sizes and means other than 0."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * rng.uniform(0.5, 2, d) + rng.uniform(-1, 1, d)
    return rng.normal(size=d), X, rng.normal(size=n)


@pytest.mark.parametrize("p", RATES)
def test_expected_loss_is_the_mean_over_masks(p):
    """The closed form equals the enumeration of all masks to 1e-12."""
    w, X, y = problem(1)
    assert isclose(
        regulariser.expected_loss(w, X, y, p), regulariser.enumerated_loss(w, X, y, p), rel_tol=1e-12
    )


def test_enumeration_agrees_with_plain_loops():
    """Each example and each mask, one by one, in Python floats."""
    w, X, y = problem(2, n=3, d=2)
    p, total = 0.3, 0.0
    for row, target in zip(X, y, strict=True):
        for first in (0, 1):
            for second in (0, 1):
                chance = (0.7 if first else 0.3) * (0.7 if second else 0.3)
                score = (first * row[0] * w[0] + second * row[1] * w[1]) / 0.7
                total += chance * (target - score) ** 2 / 2 / len(y)
    assert isclose(regulariser.enumerated_loss(w, X, y, p), total, rel_tol=1e-12)


@pytest.mark.parametrize("p", (0.1, 0.5, 0.8))
def test_ridge_is_the_minimum(p):
    """At the closed form each slope is 0, and a step in any direction costs."""
    _, X, y = problem(3)
    w = regulariser.ridge(X, y, p)
    least = regulariser.expected_loss(w, X, y, p)
    for direction in np.random.default_rng(4).normal(size=(20, 4)):
        up, down = (regulariser.expected_loss(w + h * direction, X, y, p) for h in (1e-4, -1e-4))
        assert abs(up - down) < 1e-10 and min(up, down) > least


def test_ridge_at_zero_is_least_squares():
    """Without dropout the ridge is ordinary least squares."""
    _, X, y = problem(5, n=9)
    expected = np.linalg.lstsq(X, y, rcond=None)[0]
    np.testing.assert_allclose(regulariser.ridge(X, y, 0.0), expected, rtol=1e-9)


def test_a_column_measured_in_other_units_keeps_its_predictions():
    """The strength grows with the square of the unit, so the predictions do not depend on units."""
    _, X, y = problem(6, n=9)
    units = np.array([1.0, 10.0, 0.1, 3.0])
    here, there = (Z @ regulariser.ridge(Z, y, 0.5) for Z in (X, X * units))
    np.testing.assert_allclose(here, there, rtol=1e-9)


def test_twins_share_the_weight():
    """Of two equal columns each gets the same weight, where least squares has no single answer."""
    _, X, y = problem(7)
    w = regulariser.ridge(np.hstack([X, X[:, :1]]), y, 0.4)
    assert isclose(w[0], w[-1], rel_tol=1e-9)


def test_second_differences_give_the_hessian():
    """`normal_matrix` is the matrix of second derivatives of the expected loss."""
    w, X, y = problem(8, d=3)
    p, steps = 0.4, np.eye(3) * 1e-3
    for i in range(3):
        for j in range(3):
            corners = [
                a * b * regulariser.expected_loss(w + a * steps[i] + b * steps[j], X, y, p)
                for a in (1, -1)
                for b in (1, -1)
            ]
            assert sum(corners) / 4e-6 == pytest.approx(regulariser.normal_matrix(X, p)[i, j], abs=1e-7)


@pytest.mark.parametrize("score", [0.0, 0.3, -2.0, 30.0, -5000.0, 5000.0])
def test_sigmoid_is_safe(score):
    """The sigmoid is right where it can be computed plainly, and 0 or 1 far out."""
    found = float(regulariser.sigmoid(np.array([score]))[0])
    assert found == pytest.approx(1 / (1 + np.exp(-score)) if abs(score) < 100 else float(score > 0))


def test_penalty_is_the_leading_term():
    """For small weights the first-order penalty becomes exact: its error shrinks with them."""
    w, X, _ = problem(9)
    errors = [
        abs(regulariser.penalty(w * s, X, 0.3) / regulariser.exact_penalty(w * s, X, 0.3) - 1)
        for s in (1, 0.3, 0.1, 0.03)
    ]
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.01


def test_penalty_of_a_sure_prediction_is_small():
    """Far from the boundary the curvature is small, so a weight may grow where it decides."""
    X, w = np.array([[1.0]]), np.array([1.0])
    assert regulariser.penalty(w * 20, X, 0.3) < regulariser.penalty(w, X, 0.3) < 0.3 / 0.7 / 8


def test_gaussian_has_the_moments_of_dropout():
    """Mean x and variance p / (1 - p) x^2, within six standard errors."""
    x = np.repeat([[-2.0, 0.5, 3.0]], 200_000, axis=0)
    noise = regulariser.gaussian(x, 0.2, np.random.default_rng(10)) / x - 1
    assert np.abs(noise.mean(axis=0)).max() < 6 * 0.5 / 200_000**0.5
    assert np.abs((noise**2).mean(axis=0) / 0.25 - 1).max() < 6 * (2 / 200_000) ** 0.5


def test_beyond_the_limit_the_mean_diverges():
    """Just below the limit the mean of the iterates shrinks to the ridge, just above it runs away."""
    _, X, y = problem(11)
    H, g, limit = (
        regulariser.normal_matrix(X, 0.5),
        X.T @ y / len(X),
        regulariser.step_limit(X, 0.5),
    )
    for factor, comes_home in ((0.99, True), (1.01, False)):
        w = np.zeros(4)
        for _ in range(3000):
            w = w - factor * limit * (H @ w - g)
        assert np.allclose(w, regulariser.ridge(X, y, 0.5)) == comes_home


def test_second_moment_is_the_mean_over_all_masks():
    """For two examples of two entries the 16 masks can be run: the mean of A x A is that of the formula."""
    _, X, _ = problem(12, n=2, d=2)
    p, keep = 0.3, ensemble.all_masks(4)
    total = np.zeros((4, 4))
    for mask, chance in zip(keep, ensemble.chances(keep, p), strict=True):
        masked = np.where(mask.reshape(2, 2), X / (1 - p), 0)
        A = masked.T @ masked / 2
        total += chance * np.kron(A, A)
    np.testing.assert_allclose(regulariser.second_moment(X, p), total, rtol=1e-12)


@pytest.mark.parametrize("p", (0.1, 0.5, 0.8))
def test_squares_diverge_before_the_mean(p):
    """The iterates' mean square has the smaller limit; without dropout the two limits are one."""
    _, X, _ = problem(13)
    assert regulariser.square_limit(X, p) < regulariser.step_limit(X, p)
    assert isclose(regulariser.square_limit(X, 0.0), regulariser.step_limit(X, 0.0), rel_tol=1e-6)


def test_sgd_lands_on_the_ridge():
    """After 4,000 steps the mean is nearer to the ridge than a tenth of its distance from least squares."""
    _, X, y = problem(14, n=30, d=3)
    right, plain = regulariser.ridge(X, y, 0.5), regulariser.ridge(X, y, 0.0)
    step = 0.2 * regulariser.step_limit(X, 0.5)
    found = regulariser.sgd(X, y, 0.5, step, 4000, np.random.default_rng(15))
    assert np.linalg.norm(found - right) < 0.1 * np.linalg.norm(plain - right)


def test_two_step_law_is_complete():
    """The chances of all pairs of masks sum to 1, and a run of two steps ends at one of the places."""
    _, X, y = problem(16, n=2, d=1)
    law = regulariser.two_step_law(X, y, 0.3, 0.1)
    assert len(law) == 16 and isclose(sum(chance for *_, chance in law), 1, rel_tol=1e-12)
    found = regulariser.sgd(X, y, 0.3, 0.1, 2, np.random.default_rng(17))
    assert min(np.abs(found - place).max() for _, place, _ in law) < 1e-12


@pytest.mark.parametrize("p", [1.0, -0.1, 1.2, float("nan")])
def test_bad_p_is_refused(p):
    """No odds for a p outside [0, 1): the message names argument, rule and value."""
    with pytest.raises(ValueError, match=r"p must be .* got"):
        regulariser.strengths(np.ones((2, 2)), p)
