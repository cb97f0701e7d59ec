"""The frame of an experiment: one claim, many short runs, values with intervals, one figure."""

import contextlib
import inspect
import json
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dropgrade.results.intervals import mean_interval
from dropgrade.results.record import Result, Value, sha256
from dropgrade.results.sources import hashes, libraries

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Settings = Mapping[str, float]
Values = Mapping[str, Value]


@dataclass(frozen=True)
class Experiment:
    """What a script in `book/experiments` says about itself, as the module constant EXPERIMENT.

    Attributes:
        name: stem of the script and of its result.
        arms: name -> settings, plain numbers that `run` understands; the baseline comes first.
        seeds: how many; the seeds are 0, 1, ..., the same for every arm.
        steps: updates of one run, for the reader.
        run: (settings, seed) -> metrics: numbers by name with `cpu_seconds`. In a module of its own, so
            that a change of the script does not mean training again.
        values: all runs -> the numbers to quote.
        directions: values -> published or expected direction -> whether it was seen.
        claim, alt: values -> the finding in a sentence or two; the figure in words.
        figure: all runs and the values -> a matplotlib figure.
        smoke: arm -> metrics to compare in a quick rerun; smoke_seeds: with how many seeds.
        data: files the runs read, relative to the course's folder.
    """

    name: str
    arms: Mapping[str, Settings]
    seeds: int
    steps: int
    run: Callable[[Settings, int], Mapping[str, float]]
    values: Callable[["Runs"], Values]
    directions: Callable[[Values], Mapping[str, bool]]
    claim: Callable[[Values], str]
    alt: Callable[[Values], str]
    figure: Callable[["Runs", Values], "Figure"]
    smoke: Mapping[str, tuple[str, ...]]
    smoke_seeds: int = 1
    data: tuple[str, ...] = ("book/data/mnist10k.npz",)


class Runs:
    """The metrics of all runs by arm, seeds in order.

    >>> runs = Runs([{"arm": a, "seed": s, "metrics": {"e": e}} for a, s, e in
    ...              [("none", 0, 5.0), ("none", 1, 6.0), ("drop", 0, 4.0), ("drop", 1, 4.8)]])
    >>> runs.difference("drop", "none", "e", "pp").quote("value")
    '-1.10 pp'
    """

    def __init__(self, records: list[dict]) -> None:
        self.records = records

    def column(self, arm: str, metric: str) -> np.ndarray:
        """float64 (seeds,): one metric of one arm."""
        found = {record["seed"]: record["metrics"][metric] for record in self.records if record["arm"] == arm}
        return np.array([found[seed] for seed in sorted(found)])

    def mean(self, arm: str, metric: str, unit: str) -> Value:
        """Mean over seeds with its 95 % t-interval."""
        return interval_value(self.column(arm, metric), unit)

    def difference(self, arm: str, base: str, metric: str, unit: str) -> Value:
        """Mean of arm - base over runs that share a seed, with its paired 95 % t-interval."""
        return interval_value(self.column(arm, metric) - self.column(base, metric), unit, paired=True)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of all runs together."""
        return sum(record["metrics"]["cpu_seconds"] for record in self.records)


def interval_value(
    samples: Iterable[float], unit: str, paired: bool = False, digits: int | None = None
) -> Value:
    """A Value from one number a seed: the mean and its 95 % t-interval."""
    numbers = [float(x) for x in samples]
    return Value(*mean_interval(numbers), unit, len(numbers), paired, digits)


def training_digest(experiment: Experiment, root: Path) -> str:
    """One hash over everything that decides what a run returns, settings and seed aside."""
    module = Path(inspect.getsourcefile(experiment.run))
    return sha256(json.dumps(hashes(module, root, experiment.data, training_only=True)).encode())


def plan(experiment: Experiment, root: Path) -> Iterator[tuple[str, int, str]]:
    """(arm, seed, key) of every run, seed by seed so that an early look at the runs is a fair one.

    Runs with the same key give the same numbers on the same machine, so a known key is not run again.
    """
    digest = training_digest(experiment, root)
    for seed in range(experiment.seeds):
        for arm, settings in experiment.arms.items():
            yield arm, seed, sha256(json.dumps([digest, settings, seed]).encode())[:16]


def measure(experiment: Experiment, arm: str, seed: int) -> dict[str, float]:
    """One run; refuses metrics that are not finite numbers, because a mean would hide them."""
    metrics = {name: float(value) for name, value in experiment.run(experiment.arms[arm], seed).items()}
    broken = [name for name, value in metrics.items() if not np.isfinite(value)]
    if broken:
        raise ValueError(f"{experiment.name}, arm {arm}, seed {seed}: {', '.join(broken)} not finite")
    return metrics


def summarise(
    experiment: Experiment, records: list[dict], made_from: Mapping[str, str]
) -> tuple[Result, dict[str, str]]:
    """The result and its figures from finished runs alone: the same runs give the same bytes.

    Returns:
        The result, and file name -> SVG text: NAME.svg, and NAME-stacked.svg with its panels in a column.
    """
    from dropgrade import style  # matplotlib, which a mere check does not need

    runs = Runs(records)
    values = dict(experiment.values(runs))
    values["seeds"] = Value(experiment.seeds)
    values["runs"] = Value(len(records))
    values["steps"] = Value(experiment.steps)
    values["cpu_seconds"] = Value(runs.cpu_seconds, unit="s", digits=0)
    values["cpu_minutes"] = Value(runs.cpu_seconds / 60, unit="min", digits=0)
    directions = {text: bool(seen) for text, seen in experiment.directions(values).items()}
    alt = experiment.alt(values)
    figures = {}
    for suffix in ("", "stacked"):
        with style.course(stacked=bool(suffix)):
            name = "-".join(filter(None, (experiment.name, suffix)))
            figures[f"{name}.svg"] = style.svg(experiment.figure(runs, values), name, alt)
    result = Result(
        name=experiment.name,
        claim=honest(experiment.claim(values), directions),
        alt=alt,
        directions=directions,
        values=values,
        seeds=list(range(experiment.seeds)),
        steps=experiment.steps,
        cpu_seconds=runs.cpu_seconds,
        versions=versions(Path(inspect.getsourcefile(experiment.run))),
        sources=dict(made_from),
        figures={name: sha256(text.encode()) for name, text in figures.items()},
        runs=records,
    )
    return result, figures


def honest(claim: str, directions: Mapping[str, bool]) -> str:
    """The claim, and after it every direction that was expected and did not show.

    >>> honest("A helps.", {"B helps": False, "A helps": True})
    'A helps. Not seen here: B helps.'
    """
    missing = [text for text, seen in directions.items() if not seen]
    return f"{claim} Not seen here: {'; '.join(missing)}." if missing else claim


def versions(script: Path) -> dict[str, str]:
    """Of Python and of the numerical libraries that the modules behind a script import."""
    found = {"python": platform.python_version()}
    for package in sorted(libraries(script) & {"numpy", "torch", "triton"}):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[package] = metadata.version(package)
    return found


def remaining(seconds: list[float], runs_left: int) -> str:
    """An estimate for the progress line.

    >>> remaining([4.0, 6.0], 36)
    'about 3 min left'
    """
    left = runs_left * sum(seconds) / len(seconds)
    return f"about {left / 60:.0f} min left" if left >= 90 else f"about {left:.0f} s left"
