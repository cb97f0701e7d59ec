"""Measured results: run once by a script, kept with what made them, quoted in the text by key.

`python -m dropgrade.results book/experiments` brings every result up to date; see `Experiment` for what a
script must say, and `Result` for what is kept.
"""

from dropgrade.results.frame import Experiment, Runs, interval_value
from dropgrade.results.intervals import mean_interval, t_quantile
from dropgrade.results.record import Result, Value, load, save
from dropgrade.results.sources import is_stale, path_of, stale_reasons

__all__ = [
    "Experiment",
    "Result",
    "Runs",
    "Value",
    "interval_value",
    "is_stale",
    "load",
    "mean_interval",
    "path_of",
    "save",
    "stale_reasons",
    "t_quantile",
]
