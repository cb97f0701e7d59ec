"""Measures for the questions on theory: what dropout minimises, what it averages, and where either stops."""

from functools import cache

import numpy as np

from dropgrade.reference import ensemble, regulariser


def rate_of_most_random_mask() -> float:
    """The drop rate on a grid of 0.01 at which a mask over 8 units has the largest entropy."""
    return float(max(np.linspace(0.01, 0.99, 99), key=_bits))


def bits_of_a_mask() -> float:
    """Entropy in bits of a mask over 10 units at drop rate 0.1, from the chances of all 1,024 masks."""
    return 10 / 8 * _bits(0.1)


def _bits(p: float) -> float:
    weights = ensemble.chances(ensemble.all_masks(8), p)
    return float(-weights @ np.log2(weights))


def noise_at_high_rate() -> float:
    """Sampled noise variance of inverted dropout at drop rate 0.8, over the one at 0.5."""
    rng = np.random.default_rng(0)
    spread = [np.var((rng.random(400_000) >= p) / (1 - p)) for p in (0.8, 0.5)]
    return float(spread[0] / spread[1])


def masked_copies_against_ridge() -> float:
    """Distance of least squares on 2,000 masked copies of the data from the ridge, over its length."""
    rng = np.random.default_rng(1)
    X = rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5))
    y = X @ rng.normal(size=5) + rng.normal(size=40)
    copies = np.concatenate([np.where(rng.random(X.shape) >= 0.3, X / 0.7, 0) for _ in range(2000)])
    found = np.linalg.lstsq(copies, np.tile(y, 2000), rcond=None)[0]
    target = regulariser.ridge(X, y, 0.3)
    return float(np.linalg.norm(found - target) / np.linalg.norm(target))


def hidden_mask_without_input() -> float:
    """Least distance of a masked hidden layer from all that an input of a grid can cause, over its length."""
    rng = np.random.default_rng(2)
    W, b = rng.normal(size=(2, 6)), np.full(6, 0.5)
    wanted = np.maximum(rng.normal(size=2) @ W + b, 0) * np.array([2, 0, 2, 0, 2, 0])
    side = np.linspace(-6, 6, 601)
    inputs = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    caused = np.maximum(inputs @ W + b, 0)
    return float(np.linalg.norm(caused - wanted, axis=1).min() / np.linalg.norm(wanted))


def square_growth_with_depth() -> float:
    """Growth of the mean square through 8 random ReLU layers with dropout 0.2, over that without dropout."""
    return _growth(0.2, residual=False) / _growth(0.0, residual=False)


def square_growth_with_shortcuts() -> float:
    """The same ratio when each layer is a branch of weight 1/8 in variance beside a shortcut."""
    return _growth(0.2, residual=True) / _growth(0.0, residual=True)


def _growth(p: float, residual: bool) -> float:
    rng = np.random.default_rng(3)
    total = 0.0
    for _ in range(12):
        h = start = rng.normal(size=(16, 256))
        for _ in range(8):
            kept = np.where(rng.random(h.shape) >= p, h / (1 - p), 0)
            branch = np.maximum(kept @ rng.normal(size=(256, 256)) * np.sqrt(2 / 256), 0)
            h = h + branch * np.sqrt(1 / 8) * rng.choice([-1, 1], 256) if residual else branch
        total += float((h**2).mean() / (start**2).mean())
    return total / 12


def fisher_form_gap() -> float:
    """Gap between the first-order penalty and p/(1-p)/2 times w diag(F) w, with F by finite differences."""
    rng = np.random.default_rng(4)
    X, w, labels = rng.normal(size=(50, 4)), rng.normal(size=4), rng.random(50) < 0.5

    def loss(v: np.ndarray) -> float:
        z = X @ v
        return float((np.logaddexp(0, z) - labels * z).mean())

    step = 1e-3 * np.eye(4)
    fisher = [(loss(w + e) - 2 * loss(w) + loss(w - e)) / 1e-6 for e in step]
    return abs(regulariser.penalty(w, X, 0.3) - 0.3 / 0.7 / 2 * float(fisher @ w**2))


def first_order_at_small_rate() -> float:
    """First-order penalty of logistic regression over the exact one, drop rate 0.01, scores of size 1."""
    return _first_order(0.01, 0.5)


def first_order_at_high_rate() -> float:
    """The same ratio at drop rate 0.9 with weights twenty times as large."""
    return _first_order(0.9, 10.0)


def _first_order(p: float, size: float) -> float:
    rng = np.random.default_rng(5)
    X, w = rng.normal(size=(60, 8)), size * rng.normal(size=8)
    return regulariser.penalty(w, X, p) / regulariser.exact_penalty(w, X, p)


@cache
def _softmax_case(hidden: bool) -> tuple[float, float]:
    """Largest gap of one pass from the geometric mean; largest excess of its loss over the mean loss."""
    rng = np.random.default_rng(6)
    gap, excess = 0.0, -np.inf
    for _ in range(40):
        sizes = [(3, 5), (5, 3)] if hidden else [(8, 3)]
        layers = [(2 * rng.normal(size=size), rng.normal(size=size[1])) for size in sizes]
        x, keep = rng.normal(size=sizes[0][0]), ensemble.all_masks(8)
        probs, weights = ensemble.members(x, layers, keep, 0.4), ensemble.chances(keep, 0.4)
        single = ensemble.scaled(x, layers)
        gap = max(gap, np.abs(single - ensemble.geometric(probs, weights)).max())
        excess = max(excess, (weights @ np.log(probs) - np.log(single)).max())
    return float(gap), float(excess)


def one_pass_against_geometric_mean() -> float:
    """Largest gap between one pass and the geometric mean of 256 members, mask before the softmax layer."""
    return _softmax_case(hidden=False)[0]


def one_pass_behind_hidden_layer() -> float:
    """The same gap when a hidden ReLU layer is masked as well."""
    return _softmax_case(hidden=True)[0]


def excess_of_evaluation_loss() -> float:
    """Largest loss of the single pass minus mean loss of the members, over 40 networks and all labels."""
    return _softmax_case(hidden=False)[1]


@cache
def _missing() -> tuple[float, float, float]:
    """Risks with features missing at rate 0.3: weights of full data, dropout's, best weights per pattern."""
    d, p = 5, 0.3
    cov = 0.7 * np.ones((d, d)) + 0.3 * np.eye(d)
    w = np.array([1.0, -0.5, 2.0, 0.5, 1.0])
    keep = ensemble.all_masks(d)
    chance = ensemble.chances(keep, p)

    def risk(v: np.ndarray) -> float:  # y = x w + noise of variance 1; missing features are set to 0
        return float((v - w) @ cov @ (v - w)) + 1

    dropped = np.linalg.solve(cov + p / (1 - p) * np.diag(np.diag(cov)), cov @ w) / (1 - p)
    best = []
    for row in keep:
        v = np.zeros(d)
        if row.any():
            v[row] = np.linalg.solve(cov[np.ix_(row, row)], cov[row] @ w)
        best.append(risk(v))
    return (
        float(chance @ [risk(w * row) for row in keep]),
        float(chance @ [risk(dropped * row) for row in keep]),
        float(chance @ best),
    )


def missing_risk_of_full_weights() -> float:
    """Risk of weights for complete data when features are missing, over the risk of dropout's weights."""
    full, dropout, _ = _missing()
    return full / dropout


def missing_risk_left_over() -> float:
    """Risk of dropout's weights over that of the best weights for each pattern of missing features."""
    _, dropout, best = _missing()
    return dropout / best
