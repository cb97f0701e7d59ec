"""Tables of errors with a known truth, and reading what a learner's functions make of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dropgrade.checks.reading import name_of, read_array
from dropgrade.checks.verdicts import Failed

ALPHA = 1e-8
"""Chance that one count strays although the answer is right."""
ENDS = ("mean", "low", "high")
SPACE = {"rate": (1e-4, 1.0), "p": (0.0, 0.8)}


def table(rng: np.random.Generator, arms: int, rates: int, seeds: int) -> np.ndarray:
    """Errors float64 (arms, rates, seeds) around 0.2, with an effect of the seed that all settings share."""
    settings = rng.normal(scale=0.02, size=(arms, rates, 1))
    shared = rng.normal(scale=0.03, size=seeds)
    return 0.2 + settings + shared + rng.normal(scale=0.01, size=(arms, rates, seeds))


def diverged(validation: np.ndarray, places: Sequence[int], rng: np.random.Generator) -> np.ndarray:
    """A copy in which one run of each arm at these places has no error: NaN and inf by turns."""
    validation = validation.copy()
    for arm, place in enumerate(places):
        validation[arm, place, rng.integers(validation.shape[2])] = (np.nan, np.inf)[arm % 2]
    return validation


def many(call: Any, calls: list[tuple[Any, ...]], numbers: int) -> list[Any]:
    """What a learner's function returns for each of many calls, asked in blocks that fit one message.

    Args:
        call: the learner's function.
        calls: the arguments of each call.
        numbers: how many numbers each returns; a message carries about a thousand NumPy scalars.
    """
    size = 900 // max(numbers, 2)
    blocks = [calls[start : start + size] for start in range(0, len(calls), size)]
    return [value for block in blocks for value in call.many(block)]


def three(numbers: Sequence[float]) -> str:
    """A mean and two ends, for a message."""
    mean, low, high = numbers
    return f"{mean:.4g} ({low:.4g} to {high:.4g})"


def listed(values: np.ndarray) -> str:
    """The different values of a column, for a message."""
    found = sorted({float(f"{value:.3g}") for value in values})
    return ", ".join(f"{value:.3g}" for value in found[:6]) + (", …" if len(found) > 6 else "")


def read_interval(value: Any, what: str) -> np.ndarray:
    """(mean, low, high) as float64 (3,); `Failed` if it is something else, or the ends are swapped."""
    if isinstance(value, tuple | list):
        if len(value) != 3:
            raise Failed(
                f"{what} should return (mean, low, high); it returns {name_of(value)}.", "wrong_return"
            )
        value = [float(v) if isinstance(v, np.ndarray) and v.ndim == 0 else v for v in value]
    found = read_array(value, (3,), f"What {what} returns").astype(float)
    if not np.isfinite(found).all():
        raise Failed(f"What {what} returns should be finite; it is {found.tolist()}.", "not_finite")
    if found[1] > found[2]:
        raise Failed(f"{what} should return (mean, low, high); low is above high.", "wrong_return")
    return found


def read_choice(value: Any, arms: int, rates: int, what: str = "What choose returns") -> list[int]:
    """A list of one place for each arm; `Failed` if it is none."""
    found = read_array(list(value) if isinstance(value, tuple) else value, (arms,), what)
    if found.dtype.kind not in "iu" or found.min() < 0 or found.max() >= rates:
        raise Failed(
            f"{what} should be whole numbers from 0 to {rates - 1}, places of learning rates; "
            f"it is {[float(f'{v:.4g}') for v in found.tolist()]}.",
            "wrong_return",
        )
    return [int(place) for place in found]


def read_compared(value: Any, arms: int, rates: int) -> list[dict[str, Any]]:
    """The reports on arms 1, 2, ...; `Failed` says what is missing."""
    if not isinstance(value, list | tuple) or len(value) != arms - 1:
        raise Failed(
            f"For {arms} arms compare should return a list of {arms - 1}; it returns {name_of(value)}.",
            "wrong_return",
        )
    return [read_report(one, rates) for one in value]


def read_report(one: Any, rates: int) -> dict[str, Any]:
    """One report of `compare` with rates as two ints, ends as floats and verdict as a word."""
    missing = [key for key in ("rates", *ENDS, "verdict") if not isinstance(one, dict) or key not in one]
    if missing:
        raise Failed(
            f"Each report should be a dict of rates, mean, low, high and verdict; it is {name_of(one)}"
            f"{f' without {missing[0]}' if isinstance(one, dict) else ''}.",
            "wrong_return",
        )
    if not isinstance(one["rates"], tuple | list | np.ndarray) or len(one["rates"]) != 2:
        raise Failed(
            f"rates should be two places, of arm 0 and of this arm; it is {name_of(one['rates'])}.",
            "wrong_return",
        )
    places = read_choice(list(one["rates"]), 2, rates, "rates")
    ends = read_interval([one[key] for key in ENDS], "compare")
    if not isinstance(one["verdict"], str):
        raise Failed(f"verdict should be a word; it is {name_of(one['verdict'])}.", "wrong_return")
    return {
        "rates": tuple(places),
        "verdict": one["verdict"],
        **dict(zip(ENDS, map(float, ends), strict=True)),
    }


def read_proposed(value: Any, n: int) -> np.ndarray:
    """Settings float64 (n, 2); `Failed` if they are none."""
    if isinstance(value, list | tuple):
        value = [list(row) if isinstance(row, tuple) else row for row in value]
    found = read_array(value, (n, 2), "What propose returns").astype(float)
    if not np.isfinite(found).all():
        raise Failed("What propose returns should be finite numbers.", "not_finite")
    return found
