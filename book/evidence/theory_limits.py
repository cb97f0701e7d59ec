"""Measures for the theory questions at staff level: bounds, noise of steps, equal products, two penalties."""

from functools import cache
from itertools import combinations

import numpy as np

from dropgrade.reference import ensemble, regulariser
from dropgrade.reference.regulariser import sigmoid

STEEPEST_CURVE = 1 / (6 * np.sqrt(3))
"""The largest size of the second derivative of the logistic function."""


@cache
def _logistic_units() -> np.ndarray:
    """For 500 logistic units with 8 masked inputs: error of one pass, bound, second-order estimate, score."""
    rng = np.random.default_rng(0)
    keep = ensemble.all_masks(8)
    rows = []
    for _ in range(500):
        p = rng.uniform(0.05, 0.7)
        terms = rng.uniform(0.05, 1.5) * rng.normal(size=8)
        bias, weights = rng.normal(), ensemble.chances(keep, p)
        scores = bias + keep @ terms / (1 - p)
        mean, variance = bias + terms.sum(), p / (1 - p) * float(terms @ terms)
        s = sigmoid(mean)
        error = float(weights @ sigmoid(scores) - s)
        rows.append([error, STEEPEST_CURVE * variance / 2, s * (1 - s) * (1 - 2 * s) * variance / 2, mean])
    return np.array(rows)


def error_over_bound() -> float:
    """Largest error of one pass through a logistic unit, over variance / (12 sqrt 3), in 500 units."""
    error, bound, _, _ = _logistic_units().T
    return float((np.abs(error) / bound).max())


def estimate_at_small_variance() -> float:
    """Median ratio of the error to its second-order estimate, units with score variance below 0.2."""
    error, bound, estimate, _ = _logistic_units().T
    return float(np.median((error / estimate)[bound < 0.1 * STEEPEST_CURVE]))


def two_layer_error_over_bound() -> float:
    """Largest error of one pass after two masked logistic layers, over the bound carried from the first."""
    rng, p, worst = np.random.default_rng(1), 0.3, 0.0
    keep = ensemble.all_masks(9)
    weights = ensemble.chances(keep, p)
    for _ in range(60):
        W, x, v = rng.normal(size=(4, 5)), rng.normal(size=4), 2 * rng.normal(size=5)
        h = sigmoid((keep[:, :4] * x / (1 - p)) @ W)
        z = (keep[:, 4:] * h / (1 - p)) @ v
        one = sigmoid(sigmoid(x @ W) @ v)
        first = STEEPEST_CURVE / 2 * p / (1 - p) * (x**2 @ W**2)
        variance = float(weights @ z**2 - (weights @ z) ** 2)
        bound = first @ np.abs(v) / 4 + STEEPEST_CURVE / 2 * variance
        worst = max(worst, abs(float(weights @ sigmoid(z)) - one) / bound)
    return worst


@cache
def _averaged_descent(masks: int) -> tuple[float, float]:
    """Stationary variance of descent with so many masks a step; distance of its mean from the ridge."""
    rng = np.random.default_rng(2)
    X = rng.normal(size=(20, 4))
    y = X @ np.array([1.0, -2.0, 0.5, 1.5]) + rng.normal(size=20)
    target, runs = regulariser.ridge(X, y, 0.5), 200
    w, found = np.tile(target, (runs, 1)), []
    for step in range(500):
        masked = np.where(rng.random((runs, masks, *X.shape)) >= 0.5, X / 0.5, 0)
        residual = np.einsum("rmnd,rd->rmn", masked, w) - y
        w = w - 0.02 * np.einsum("rmnd,rmn->rd", masked, residual) / (masks * len(X))
        if step >= 300:
            found.append(w)
    values = np.array(found)
    return float(values.var(axis=(0, 1)).sum()), float(np.linalg.norm(values.mean(axis=(0, 1)) - target))


def spread_of_one_mask_over_four() -> float:
    """Spread (variance) of the weights with 1 mask a step over the one with 4, in 200 long runs."""
    return _averaged_descent(1)[0] / _averaged_descent(4)[0]


def mean_stays_at_ridge() -> float:
    """Distance of the runs' mean weights from the ridge with 1 mask a step, over their spread's root."""
    variance, distance = _averaged_descent(1)
    return distance / variance**0.5


@cache
def _factorised() -> tuple[float, float]:
    """Two-layer linear net with 4 hidden units: penalty over its least value; relative spread of products."""
    rng = np.random.default_rng(3)
    M = rng.normal(size=(4, 4))
    left, values, right = np.linalg.svd(M)
    U, V = left * np.sqrt(values), right.T * np.sqrt(values)
    best = values.sum() ** 2 / 4
    angles = np.linspace(-np.pi / 2, np.pi / 2, 361)
    for _ in range(12):  # turn two hidden units at a time; the product U V' stays M
        for i, j in combinations(range(4), 2):
            turned = [_turn(U, V, i, j, angle) for angle in angles]
            U, V = min(turned, key=_penalty)
    products = np.linalg.norm(U, axis=0) * np.linalg.norm(V, axis=0)
    return float(_penalty((U, V)) / best), float(products.std() / products.mean())


def _turn(U: np.ndarray, V: np.ndarray, i: int, j: int, angle: float) -> tuple[np.ndarray, np.ndarray]:
    turn = np.eye(4)
    turn[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
    return U @ turn, V @ turn


def _penalty(net: tuple[np.ndarray, np.ndarray]) -> float:
    return float(((net[0] ** 2).sum(axis=0) * (net[1] ** 2).sum(axis=0)).sum())


def least_penalty_over_bound() -> float:
    """Least penalty found for a fixed product of two layers, over squared nuclear norm / hidden units."""
    return _factorised()[0]


def spread_of_products() -> float:
    """Spread of the four products of norms |u||v| at that solution, over their mean."""
    return _factorised()[1]


def linear_net_penalty_gap() -> float:
    """Relative gap of a linear net's mean loss over all masks from loss plus p/(1-p) sum |u|^2 E(vx)^2."""
    rng, p = np.random.default_rng(4), 0.4
    U, V, X = rng.normal(size=(3, 6)), rng.normal(size=(5, 6)), rng.normal(size=(30, 5))
    Y, keep = rng.normal(size=(30, 3)), ensemble.all_masks(6)
    hidden = X @ V
    losses = [((Y - (hidden * row / (1 - p)) @ U.T) ** 2).sum(axis=1).mean() for row in keep]
    exact = float(ensemble.chances(keep, p) @ losses)
    plain = ((Y - hidden @ U.T) ** 2).sum(axis=1).mean()
    formula = plain + p / (1 - p) * float((U**2).sum(axis=0) @ (hidden**2).mean(axis=0))
    return abs(exact - formula) / exact


@cache
def _two_penalties(unit: float) -> tuple[float, float]:
    """Change of predictions when a column's unit changes: dropout at rate 0.4, and one strength for all."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(60, 4))
    y = X @ np.array([1.0, 1.0, -1.0, 0.5]) + rng.normal(size=60)
    other = X * np.array([unit, 1, 1, 1])
    found = []
    for make in (lambda A: regulariser.normal_matrix(A, 0.4), lambda A: A.T @ A / 60 + 0.4 / 0.6 * np.eye(4)):
        first, second = (A @ np.linalg.solve(make(A), A.T @ y / 60) for A in (X, other))
        found.append(float(np.linalg.norm(second - first) / np.linalg.norm(first)))
    return found[0], found[1]


def dropout_in_other_units() -> float:
    """Relative change of dropout's predictions when one column is measured in units 10 times smaller."""
    return _two_penalties(10)[0]


def weight_decay_in_other_units() -> float:
    """The same change under one L2 strength p/(1-p) for all weights."""
    return _two_penalties(10)[1]


def penalties_on_white_columns() -> float:
    """Relative distance of dropout's weights from L2's when columns are uncorrelated with mean square 1."""
    rng = np.random.default_rng(6)
    X = np.linalg.qr(rng.normal(size=(60, 4)))[0] * np.sqrt(60)
    y = X @ rng.normal(size=4) + rng.normal(size=60)
    plain = np.linalg.solve(X.T @ X / 60 + 0.4 / 0.6 * np.eye(4), X.T @ y / 60)
    return float(np.linalg.norm(regulariser.ridge(X, y, 0.4) - plain) / np.linalg.norm(plain))


def two_layers_of_dropout() -> float:
    """Sampled noise variance of dropout 0.2 on top of dropout 0.5, over the sum of their two variances."""
    rng = np.random.default_rng(7)
    both = (rng.random(400_000) >= 0.2) / 0.8 * ((rng.random(400_000) >= 0.5) / 0.5)
    return float(both.var() / (0.25 + 1))


@cache
def _filters(correlated: bool) -> float:
    """Relative gap between t descent steps on the ridge loss and the product of the two separate filters."""
    rng = np.random.default_rng(8)
    mix = np.array([[1.0, 0.8, 0.3], [0, 0.6, 0.5], [0, 0, 2.0]]) if correlated else np.diag([1.0, 0.6, 2.0])
    S, b = mix.T @ mix, rng.normal(size=3)
    H, w, step, steps = S + 0.5 / 0.5 * np.diag(np.diag(S)), np.zeros(3), 0.05, 25
    for _ in range(steps):
        w = w - step * (H @ w - b)
    values, vectors = np.linalg.eigh(
        S
    )  # shrink as for uncorrelated columns, then stop early, direction by direction
    stopped = 1 - (1 - step * values * 2) ** steps
    product = vectors @ ((vectors.T @ b) * stopped / (values * 2))
    return float(np.linalg.norm(w - product) / np.linalg.norm(w))


def filters_when_uncorrelated() -> float:
    """Gap between stopped descent under dropout 0.5 and the per-direction product of both filters."""
    return _filters(correlated=False)


def filters_when_correlated() -> float:
    """The same gap when the columns are correlated, so that data and penalty share no directions."""
    return _filters(correlated=True)
