"""What the checks of 13_bugs share: reading an output back into its mask, telling bug from side effect."""

import importlib.util
from typing import Any

import numpy as np

from dropgrade.checks.common import judge_untouched
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import name_of, percent, read_array
from dropgrade.checks.statistics import limits, strays
from dropgrade.checks.verdicts import Failed

ALPHA = 1e-9
"""Chance that a right mask's share of kept entries is taken for a wrong rate, each time it is looked at."""
SHAPE = (50, 80)
RATE_CAUGHT = "the bug each time, and a rate 10 percentage points off each time"
"""At 2,500 entries the limits at `ALPHA` lie within 6.1 points of the rate; 4 more are 4 standard errors."""
HARM = "repair_changes_more"


def harm(message: str) -> Failed:
    """The bug is gone, and something that was right before is not right any more."""
    return Failed(message, HARM)


def near(found: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Where two arrays agree up to rounding, with room for single precision and another order of summing."""
    return np.isclose(found, right, rtol=1e-5, atol=1e-8)


def judge_rate(keep: np.ndarray, p: float, what: str) -> None:
    """Is the share of kept entries one that chance explains? Allowed `ALPHA` false alarms."""
    if strays(int(keep.sum()), keep.size, 1 - p, ALPHA):
        low, high = (count / keep.size for count in limits(keep.size, 1 - p, ALPHA))
        raise harm(
            f"{what} should keep {percent(1 - p)} of the entries at p = {p:g} ({percent(low)} to "
            f"{percent(high)} by chance); it keeps {percent(keep.mean())}."
        )


def read_dropped(y: Any, full: np.ndarray, p: float, what: str, scale: float | None = None) -> np.ndarray:
    """The mask behind a dropout output, bool of its shape.

    Args:
        y: what came back.
        full: what went in; no entry is zero.
        p: drop probability, below 1.
        what: the output's name, for messages.
        scale: factor of what is kept; 1 / (1 - p) if None.

    Raises:
        Failed: another shape, an entry that is neither zero nor the scaled input, or a wrong rate.
    """
    y = read_array(y, full.shape, what)
    scale = 1 / (1 - p) if scale is None else scale
    keep = y != 0
    wrong = keep & ~near(y, full * scale)
    if wrong.any():
        raise harm(
            f"Each entry of {what} should be 0 or {scale:.4g} times what went in; at p = {p:g}, "
            f"{wrong.sum()} of {wrong.size} are neither."
        )
    judge_rate(keep, p, what)
    return keep


def judge_inputs(arrays: dict[str, np.ndarray], before: dict[str, np.ndarray]) -> None:
    """Are the caller's arrays what they were?"""
    for name, array in arrays.items():
        judge_untouched(name, array, before[name], "the call")


def judge_dtype_kept(y: Any, dtype: np.dtype, what: str) -> None:
    """Has the result the dtype that the broken function gave it?"""
    if not isinstance(y, np.ndarray):
        raise harm(f"{what} was a NumPy array before the repair; now it is {name_of(y)}.")
    if y.dtype != dtype:
        raise harm(f"{what} had the dtype of its input, {dtype}, before the repair; now it has {y.dtype}.")


def judge_source(once: np.ndarray, again: np.ndarray, other: np.ndarray, what: str) -> None:
    """Does the mask come from the generator: the same from the same state, another from another?"""
    if not np.array_equal(once, again):
        raise harm(
            f"{what} should come from rng alone; two generators in the same state give two different ones."
        )
    if np.array_equal(once, other):
        raise harm(f"{what} should come from rng; two generators with different seeds give the same one.")


def twins(rng: np.random.Generator) -> tuple[np.random.Generator, np.random.Generator, np.random.Generator]:
    """Two generators in the same state, and a third in another."""
    seed = int(rng.integers(2**63))
    return np.random.default_rng(seed), np.random.default_rng(seed), fresh(rng)


def need_torch() -> None:
    """`Failed` where PyTorch is missing, with what can be done about it."""
    if importlib.util.find_spec("torch") is None:
        raise Failed(
            "This check needs PyTorch, which is not installed here (pip install torch). All checks that do "
            "not need it count without it."
        )
