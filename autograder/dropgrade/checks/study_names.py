"""Recognising why a comparison of rates came out wrong: the known short cut that gives just these numbers."""

import math
from typing import Any

import numpy as np

from dropgrade.checks.studies import ENDS
from dropgrade.reference import paired


def name_interval(found: np.ndarray, a: np.ndarray, b: np.ndarray, level: float) -> str | None:
    """Which known mistake makes just these three numbers."""
    n, d = len(a), b - a
    error, t = d.std(ddof=1) / math.sqrt(n), paired.t_quantile(level, n - 1)
    unpaired = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / n)
    normal = normal_quantile(level)
    halves = {
        "normal_for_t": [normal * error, 1.96 * error, 2 * error],
        "arms_not_paired": [
            t * unpaired,
            normal * unpaired,
            paired.t_quantile(level, 2 * n - 2) * unpaired,
        ],
        "spread_divided_by_n": [t * d.std() / math.sqrt(n)],
        "spread_for_error": [t * d.std(ddof=1), d.std(ddof=1), d.std(), normal * d.std(ddof=1)],
        "one_sided_level": [paired.t_quantile(2 * level - 1, n - 1) * error],
        "wrong_freedom": [paired.t_quantile(level, n) * error],
    }
    half, scale = (found[2] - found[1]) / 2, t * error
    if abs(found[0] + d.mean()) < 1e-5 * scale < abs(found[0]):
        return "sign_of_difference"
    return next(
        (name for name, known in halves.items() if any(abs(half - h) < 1e-5 * scale for h in known)), None
    )


def normal_quantile(level: float) -> float:
    """The z with P(|Z| <= z) = level, by bisection."""
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erf(middle / math.sqrt(2)) < level else (low, middle)
    return low


def name_choices(found: list[list[int]], tables: list[np.ndarray]) -> str | None:
    """The known rule that chooses all these places from their tables."""
    rules = [rules_behind(*pair) for pair in zip(found, tables, strict=True)]
    return next((name for name in rules[0] if all(name in other for other in rules)), None)


def rules_behind(found: list[int], validation: np.ndarray) -> list[str]:
    """Which known rules choose these places."""
    hole = ~np.isfinite(validation)
    with np.errstate(all="ignore"):
        means = np.where(hole, np.inf, validation).mean(axis=2)
        kept = np.where(hole, 0, validation).sum(axis=2) / (~hole).sum(axis=2)
        raw = validation.mean(axis=2)
    lowest = np.where(hole, np.inf, validation).min(axis=2)
    choices = [
        ("lucky_seed", lowest.argmin(axis=1)),
        ("diverged_chosen", kept.argmin(axis=1)),
        ("diverged_chosen", raw.argmin(axis=1)),
        ("highest_error_chosen", np.where(np.isfinite(means), means, -np.inf).argmax(axis=1)),
    ]
    names = [name for name, choice in choices if found == choice.tolist()]
    return names + ["shared_rate"] * (len(set(found)) == 1)


def agree(mine: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Do two reports hold the same mean and ends?"""
    scale = mine["high"] - mine["low"]
    return all(abs(mine[key] - theirs[key]) <= 1e-5 * scale for key in ENDS)


def name_compared(
    found: list[dict[str, Any]], validation: np.ndarray, test: np.ndarray, level: float
) -> str | None:
    """Which known short cut gives these reports."""
    arms = len(validation)
    each = 1 - (1 - level) * (arms - 1)  # compare() corrects it back to the level itself
    known = {"no_correction": (validation, test, each)} if arms > 2 and each > 0 else {}
    known |= {
        "chosen_on_test": (test, test, level),
        "validation_reported": (validation, validation, level),
    }
    for name, arguments in known.items():
        right = paired.compare(*arguments)
        if all(m["rates"] == t["rates"] and agree(m, t) for m, t in zip(right, found, strict=True)):
            return name
    right = paired.compare(validation, test, level)
    flipped = [{**one, "mean": -one["mean"], "low": -one["high"], "high": -one["low"]} for one in found]
    if all(map(agree, right, flipped)):
        return "sign_of_difference"
    if all(one["rates"][0] == one["rates"][1] for one in found):
        return "shared_rate"
    untuned = any(one["rates"][0] != right[0]["rates"][0] for one in found)
    return "untuned_baseline" if untuned else None


def name_grid(found: np.ndarray, right: np.ndarray) -> str | None:
    """Learning rates evenly spaced themselves, columns the wrong way round, or ends left out."""
    side = math.isqrt(len(right))
    even = np.linspace(right[:, 0].min(), right[:, 0].max(), side)
    if np.allclose(np.sort(found[:, 1]), np.sort(right[:, 0])):
        return "columns_swapped"
    if np.allclose(np.sort(found[:, 0]), np.repeat(even, side)):
        return "rates_not_in_logs"
    inside = np.all(found.max(axis=0) < right.max(axis=0) * (1 - 1e-6))
    return "ends_left_out" if inside and len(np.unique(found[:, 1].round(9))) <= side else None
