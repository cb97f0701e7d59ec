"""What a wrong regulariser is called: each misconception as the numbers that it would give."""

import numpy as np

from dropgrade.reference import regulariser

Candidates = list[tuple[str, np.ndarray | float]]


def recognise(found: np.ndarray | float, candidates: Candidates, tolerance: float = 1e-6) -> str | None:
    """The first misconception that gives the numbers found, up to a relative tolerance; else None."""
    with np.errstate(all="ignore"):
        for name, numbers in candidates:
            if np.all(np.abs(found - numbers) <= tolerance * np.abs(numbers)):
                return name
    return None


def wrong_strengths(X: np.ndarray, p: float) -> Candidates:
    """What `strengths` gives under each wrong idea."""
    squares, odds = (X**2).mean(axis=0), p / (1 - p)
    return [
        ("rate_instead_of_odds", p * squares),
        ("rate_instead_of_odds", p * (1 - p) * squares),
        ("rate_instead_of_odds", squares / (1 - p)),
        ("keep_drop_swapped", squares / odds),
        ("mean_and_sum_mixed", odds * squares * len(X)),
        ("mean_and_sum_mixed", odds * (X**2).mean(axis=1).sum() * np.ones(X.shape[1])),
        ("columns_centred", odds * X.var(axis=0)),
        ("columns_centred", odds * X.var(axis=0, ddof=1)),
        ("not_squared", odds * X.mean(axis=0)),
        ("not_squared", odds * np.abs(X).mean(axis=0)),
        ("not_squared", odds * np.sqrt(squares)),
        ("constant_ridge", odds * np.ones(X.shape[1])),
        ("constant_ridge", odds * squares.mean() * np.ones(X.shape[1])),
        ("half_misplaced", odds * squares / 2),
        ("half_misplaced", odds * squares * 2),
    ]


def wrong_losses(w: np.ndarray, X: np.ndarray, y: np.ndarray, p: float) -> Candidates:
    """What `expected_loss` gives under each wrong idea."""
    plain, lam, n = regulariser.squared_loss(w, X, y), regulariser.strengths(X, p), len(X)
    ridge, unscaled = lam @ w**2 / 2, regulariser.squared_loss(w, (1 - p) * X, y)
    variants: Candidates = [
        ("penalty_forgotten", plain),
        ("half_misplaced", 2 * (plain + ridge)),
        ("half_misplaced", plain + 2 * ridge),
        ("half_misplaced", 2 * plain + ridge),
        ("mean_and_sum_mixed", n * (plain + ridge)),
        ("mean_and_sum_mixed", n * plain + ridge),
        ("mean_and_sum_mixed", plain + n * ridge),
        ("not_squared", plain + lam @ np.abs(w) / 2),
        ("not_squared", plain + lam @ w / 2),
        ("no_rescale", unscaled + (1 - p) ** 2 * ridge),
        ("constant_ridge", plain + p / (1 - p) * w @ w / 2),
    ]
    wrong = wrong_strengths(X, p)
    return variants + [(name, plain + strength @ w**2 / 2) for name, strength in wrong]


def wrong_ridges(X: np.ndarray, y: np.ndarray, p: float) -> Candidates:
    """What `ridge` gives under each wrong idea."""
    n, gram, right = len(X), X.T @ X, X.T @ y
    lam = regulariser.strengths(X, p)

    def solve(strength: np.ndarray) -> np.ndarray:
        return np.linalg.lstsq(gram / n + np.diag(strength), right / n, rcond=None)[0]

    return [
        ("penalty_forgotten", solve(0 * lam)),
        ("mean_and_sum_mixed", solve(lam / n)),
        ("half_misplaced", np.linalg.solve(gram / n + np.diag(lam), right / n / 2)),
        ("no_rescale", solve(lam) / (1 - p)),
        *((name, solve(strength)) for name, strength in wrong_strengths(X, p)),
    ]


def wrong_penalties(w: np.ndarray, X: np.ndarray, p: float) -> Candidates:
    """What `penalty` gives under each wrong idea."""
    s = regulariser.sigmoid(X @ w)
    curvature, squares, odds = s * (1 - s), X**2 @ w**2, p / (1 - p)
    right = (curvature * squares).mean() * odds / 2
    return [
        ("half_misplaced", 2 * right),
        ("half_misplaced", right / 2),
        ("mean_and_sum_mixed", right * len(X)),
        ("curvature_forgotten", squares.mean() * odds / 2),
        ("curvature_forgotten", (s * squares).mean() * odds / 2),
        ("averaged_apart", curvature.mean() * squares.mean() * odds / 2),
        ("not_squared", (curvature * (X @ w) ** 2).mean() * odds / 2),
        ("not_squared", (curvature * (X**2 @ w)).mean() * odds / 2),
        ("not_squared", (curvature * (X**2 @ np.abs(w))).mean() * odds / 2),
        ("rate_instead_of_odds", right * (1 - p)),
        ("rate_instead_of_odds", right * (1 - p) ** 2),
        ("keep_drop_swapped", right / odds**2),
        ("constant_ridge", odds * w @ w / 2),
    ]


def wrong_limits(X: np.ndarray, p: float) -> Candidates:
    """What `step_limit` gives under each wrong idea."""
    values = np.linalg.eigvalsh(regulariser.normal_matrix(X, p))
    plain, n = np.linalg.eigvalsh(X.T @ X / len(X)), len(X)
    summed = np.linalg.eigvalsh(X.T @ X + np.diag(regulariser.strengths(X, p)))
    strengths = wrong_strengths(X, p) if p else []
    return [
        ("half_misplaced", 1 / values[-1]),
        ("half_misplaced", 4 / values[-1]),
        ("penalty_forgotten", 2 / plain[-1]),
        ("smallest_eigenvalue", 2 / values[0]),
        ("smallest_eigenvalue", 2 / values.sum()),
        ("smallest_eigenvalue", values[-1] / 2),
        ("smallest_eigenvalue", values[-1]),
        ("mean_and_sum_mixed", 2 / values[-1] / n),
        ("mean_and_sum_mixed", 2 / summed[-1]),
        ("constant_ridge", 2 / (plain[-1] + p / (1 - p))),
        *((name, 2 / np.linalg.eigvalsh(X.T @ X / n + np.diag(wrong))[-1]) for name, wrong in strengths),
    ]


def wrong_descents(X: np.ndarray, y: np.ndarray, step: float, steps: int) -> Candidates:
    """What `sgd` gives at p = 0 under each wrong idea."""

    def path(step: float) -> np.ndarray:
        w = [np.zeros(X.shape[1])]
        for _ in range(steps):
            w.append(w[-1] - step * X.T @ (X @ w[-1] - y) / len(X))
        return np.array(w)

    right, half = path(step), steps // 2
    return [
        ("last_iterate", right[-1]),
        ("last_iterate", right.mean(axis=0)),
        ("last_iterate", right[1:].mean(axis=0)),
        ("last_iterate", right[half:].mean(axis=0)),
        ("last_iterate", right[half:-1].mean(axis=0)),
        ("last_iterate", right[: half + 1].mean(axis=0)),
        ("last_iterate", right[1 : half + 1].mean(axis=0)),
        ("half_misplaced", path(2 * step)[half + 1 :].mean(axis=0)),
        ("half_misplaced", path(step / 2)[half + 1 :].mean(axis=0)),
        ("mean_and_sum_mixed", path(step * len(X))[half + 1 :].mean(axis=0)),
    ]
