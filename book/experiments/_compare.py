"""Means of every arm and paired differences to one, for the metrics that most experiments report."""

from collections.abc import Iterable, Mapping

from dropgrade.results import Runs, Value

METRICS = {  # key -> metric of a run, unit
    "error": ("test_error", "%"),
    "nll": ("test_nll", "nats"),
    "train_error": ("train_error", "%"),
    "train_nll": ("train_nll", "nats"),
}


def points(unit: str) -> str:
    """Unit of a difference: two percentages differ by percentage points."""
    return "pp" if unit == "%" else unit


def means(
    runs: Runs, arms: Iterable[str], metrics: Mapping[str, tuple[str, str]] = METRICS
) -> dict[str, Value]:
    """`<key>_<arm>` for every metric and arm."""
    return {f"{key}_{arm}": runs.mean(arm, *metrics[key]) for key in metrics for arm in arms}


def differences(
    runs: Runs,
    pairs: Iterable[tuple[str, str]],
    metrics: Mapping[str, tuple[str, str]] = METRICS,
) -> dict[str, Value]:
    """`<key>_<arm>_minus_<base>` for every metric and (arm, base), over runs that share a seed."""
    return {
        f"{key}_{arm}_minus_{base}": runs.difference(arm, base, metric, points(unit))
        for key, (metric, unit) in metrics.items()
        for arm, base in pairs
    }


def lower(value: Value) -> bool:
    """The interval lies below zero."""
    return value.high < 0


def higher(value: Value) -> bool:
    """The interval lies above zero."""
    return value.low > 0
