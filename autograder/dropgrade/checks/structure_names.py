"""Which misconception explains a wrong result of structured dropout."""

import numpy as np

from dropgrade.checks.structures import passed_on
from dropgrade.reference import structured


def name_rates(rates: np.ndarray, last: float) -> str | None:
    """Why a schedule is not last * l / depth."""
    depth = rates.size
    right = structured.path_rates(depth, last)
    ideas = {
        "schedule_starts_at_zero": np.linspace(0, last, depth),
        "survival_for_drop": 1 - right,
        "schedule_reversed": right[::-1],
        "schedule_constant": np.full(depth, last),
        "schedule_never_arrives": last * np.arange(depth) / depth,
    }
    same = [idea for idea, other in ideas.items() if np.allclose(rates, other)]
    if depth > 1:
        return next(iter(same), "wrong_schedule")
    if np.allclose(rates, 0):  # one block cannot tell the two apart
        return "schedule_starts_at_zero"
    return "survival_for_drop" if np.allclose(rates, 1 - last) else "wrong_schedule"


def name_path(x: np.ndarray, branch: np.ndarray, y: np.ndarray, keep: np.ndarray) -> str:
    """Why a branch is not dropped for whole examples.

    Args:
        keep: bool (examples, entries), True where something was added to the shortcut.
    """
    if np.any(np.abs(y) < 1e-9):  # neither x nor x plus anything
        return "shortcut_dropped"
    if np.allclose(y, x + branch):
        return "no_noise"
    if keep.all() or not keep.any():
        return "one_mask_for_the_batch"
    return "entries_not_paths"


def name_recurrence(x: np.ndarray, w: np.ndarray, u: np.ndarray, y: np.ndarray, p: float) -> str | None:
    """Why the states are not those of one mask over time."""
    scales = {"no_rescale": 1.0, "scaled_by_keep_prob": 1 - p, "scaled_twice": 1 / (1 - p) ** 2}
    if np.allclose(y, structured.rnn(x, w, u, p, False, np.random.default_rng(0))):
        return "no_noise"
    zero = np.abs(y) < 1e-12
    if (zero.any(axis=2) & ~zero.all(axis=2)).mean() > 0.05:  # all zero: every input of an example is missing
        return "state_returned_dropped"
    if not np.allclose(y[:, 0], np.tanh(x[:, 0] @ w)):
        return "input_masked"
    passed = passed_on(y, x, w, u)
    whole = passed @ u / (y[:, :-1] @ u)
    if np.all(np.isclose(whole, 1 / (1 - p), rtol=1e-4) | (np.abs(passed @ u) < 1e-7)):
        return "mask_after_the_weights"
    keep = np.abs(passed) > 1e-7
    ratios = passed[keep] / y[:, :-1][keep]
    scale = np.median(ratios) if ratios.size else 0.0
    if (keep != keep[:, :1]).mean() > 0.05:
        return "mask_per_step"
    return next((idea for idea, f in scales.items() if np.isclose(scale, f, rtol=1e-4)), None)


def name_attention(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> str | None:
    """Why the weights of the values are not dropped probabilities."""
    right = structured.attention_weights(q, k)
    if np.allclose(weights, right):
        return "no_noise"
    if not np.isfinite(y).all():
        return "renormalised"
    if np.allclose(weights.sum(axis=2), 1):
        left = np.where(weights == 0, 0, right)
        same = np.allclose(weights, left / np.maximum(left.sum(axis=2, keepdims=True), 1e-300))
        return "renormalised" if same and (weights == 0).any() else "dropped_before_softmax"
    if one_factor(y, right @ v):
        return "output_not_weights"
    keep = weights != 0
    if np.all(keep == keep[:, :1]) and not keep.all():
        return "keys_not_weights"
    values = (
        np.linalg.pinv(right) @ y
    )  # there are more queries than keys, so that the values can be solved for
    if np.allclose(right @ values, y) and one_factor(np.where(np.abs(values) < 1e-9, 0, values), v):
        return "values_not_weights"
    unscaled = structured.attention_weights(q * np.sqrt(q.shape[-1]), k)
    return "scores_not_scaled" if one_factor(weights, unscaled, 1e-9) else None


def one_factor(out: np.ndarray, into: np.ndarray, zero: float = 1e-9) -> bool:
    """Is each entry of `out` either zero or that of `into` times one common factor?"""
    kept = np.abs(out) > zero
    factors = out[kept] / into[kept]
    return bool(kept.any() and not kept.all() and np.allclose(factors, np.median(factors)))


def name_shift(x: np.ndarray, w: np.ndarray, p: float, ratio: np.ndarray) -> str | None:
    """Why a variance ratio is off."""
    q, still = 1 - p, (x @ w).var(axis=0)
    right = structured.variance_shift(x, w, p)
    ideas = {
        "ratio_upside_down": 1 / right,
        "mean_forgotten": still / (still + p / q * x.var(axis=0) @ w**2),
        "deviations_for_variances": np.sqrt(right),
        "no_rescale": still / (q**2 * still + p * q * (x**2).mean(axis=0) @ w**2),
        "noise_variance_only": still / (p / q * (x**2).mean(axis=0) @ w**2 + 1e-300),
        "weights_not_squared": still / (still + p / q * (x**2).mean(axis=0) @ np.abs(w)),
        "ratio_taken_for_keep_prob": np.full_like(still, q),
        "mask_variance": still / (still + p * q * (x**2).mean(axis=0) @ w**2),
    }
    return next((idea for idea, other in ideas.items() if np.allclose(ratio, other)), "wrong_shift")
