"""Means of every arm and paired differences to one, for the metrics that most experiments report."""

from collections.abc import Iterable, Mapping

from matplotlib.figure import Figure

from dropgrade import style
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


def told(v: Mapping[str, Value], labels: Mapping[str, str], *keys: str) -> str:
    """For an alt text: every arm by its label with its values, as `no dropout 5.21 % and 0.250 nats; ...`."""
    return "; ".join(
        f"{label} {' and '.join(v[f'{key}_{arm}'].quote('value') for key in keys)}"
        for arm, label in labels.items()
    )


def rows(
    v: Mapping[str, Value], labels: Mapping[str, str], titles: Mapping[str, str], height: float
) -> Figure:
    """A panel for each key of `titles`, in it a row for each arm of `labels`; `height` in inches."""
    fig, axes = style.panels(len(titles), height=height)
    for axis, (key, title) in zip(axes, titles.items(), strict=True):
        style.dots(axis, list(labels.values()), [v[f"{key}_{arm}"] for arm in labels])
        axis.set(title=title)
    return fig
