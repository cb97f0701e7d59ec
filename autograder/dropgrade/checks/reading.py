"""Reading what a learner's function returned: leniently, so that one mistake costs only its own check."""

from math import floor, log10
from typing import Any

import numpy as np

from dropgrade.checks.calling import shorten
from dropgrade.checks.verdicts import Failed

CLOSE = 1e-6
"""Relative error allowed in values: room for a scale in single precision, none for a wrong formula."""


def read_mask(value: Any, shape: tuple[int, ...], what: str = "The mask") -> np.ndarray:
    """The keep mask as a bool array; lists, 0/1 numbers and scaled masks (0 or one positive value) will do.

    Raises:
        Failed: no mask at all, one of another shape, or numbers that say neither kept nor dropped.
    """
    if value is None:
        raise Failed(f"{what} is None; an array of {shape} True and False was expected.", "wrong_return")
    array = read_array(value, shape, what)
    if array.dtype == bool:
        return array
    if array.dtype.kind not in "biuf" or len(np.unique(array[array != 0])) > 1 or np.any(array < 0):
        raise Failed(f"{what} holds {describe_values(array)}, not True and False.", "mask_not_bool")
    return array != 0


def read_array(value: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """`value` as an array of numbers or truth values of that shape; `Failed` if it is none."""
    if not isinstance(value, np.ndarray | np.generic | list | int | float):  # a tuple is several things
        raise Failed(f"{what} is {name_of(value)}; an array of shape {shape} was expected.", "wrong_return")
    try:
        array = np.asarray(value)
    except ValueError:
        raise Failed(f"{what} is a ragged list; an array was expected.", "wrong_return") from None
    if array.dtype.kind not in "biuf":
        raise Failed(f"{what} has dtype {array.dtype}; real numbers were expected.", "wrong_return")
    if array.shape != shape:
        raise Failed(f"{what} should have shape {shape}; its shape is {array.shape}.", "wrong_shape")
    return array


def read_pair(value: Any, function: str) -> tuple[Any, Any]:
    """The two things a forward pass returns, y and keep, without looking at them yet; `Failed` if not two."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Failed(
            f"{function} should return two things, (y, keep); it returned {name_of(value)}.", "wrong_return"
        )
    y, keep = value
    if getattr(y, "dtype", None) == np.dtype(bool) or (y is None and keep is not None):
        raise Failed(
            f"{function} should return (y, keep); it returned them the other way round.", "wrong_return"
        )
    return y, keep


def name_of(value: Any) -> str:
    """What a returned object is, in a few words."""
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        return f"one array of shape {value.shape}"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"


def describe_values(array: np.ndarray) -> str:
    """The first few different values of an array, for a message."""
    values = list(dict.fromkeys(array.ravel()[:50].tolist()))
    text = ", ".join(f"{v:.3g}" if isinstance(v, float) else shorten(v, 20) for v in values[:3])
    return f"{text}{', …' if len(values) > 3 else ''} (dtype {array.dtype})"


def percent(share: float) -> str:
    """A share for people: one decimal, and two digits of what is left near 0 % and 100 %.

    >>> percent(0.80123), percent(0.99902), percent(0.00025), percent(0.5), percent(1.0)
    ('80.1 %', '99.902 %', '0.025 %', '50 %', '100 %')
    """
    rest = 100 * min(share, 1 - share)
    decimals = 1 if rest == 0 or rest >= 5 else 1 - floor(log10(rest))
    text = f"{100 * share:.{min(decimals, 6)}f}"
    return f"{text.rstrip('0').rstrip('.')} %"


def close(a: np.ndarray, b: np.ndarray | float) -> bool:
    """Whether all entries are equal up to `CLOSE`, relatively; NaN equals nothing."""
    with np.errstate(all="ignore"):
        return bool(np.all(np.abs(a - b) <= CLOSE * np.abs(b)))


def common_factor(out: np.ndarray, into: np.ndarray) -> float | None:
    """The factor between two arrays if it is the same everywhere, else None (also for no entries at all)."""
    if not out.size:
        return None
    with np.errstate(all="ignore"):
        factors = out / into
    return float(factors.flat[0]) if np.isfinite(factors).all() and close(factors, factors.flat[0]) else None


def name_factor(factor: float | None, p: float, values: np.ndarray, kept: np.ndarray) -> str | None:
    """Which misconception explains that kept values are multiplied by `factor`; None for the right one.

    Args:
        factor: from `common_factor`.
        p: drop probability, neither 0 nor 1.
        values: what went in.
        kept: bool array of the same shape, True where something came out.
    """
    with np.errstate(all="ignore"):
        known: dict[str | None, list[float]] = {
            None: [1 / (1 - p)],
            "no_rescale": [1.0],
            "scaled_by_keep_prob": [1 - p],
            "scaled_by_drop_prob": [p, 1 / p],
            "scaled_twice": [1 / (1 - p) ** 2],
            "scaled_by_observed_rate": [1 / kept.mean(), values.sum() / values[kept].sum()],
        }
    for diagnosis, factors in known.items():
        if factor is not None and any(abs(factor - f) <= CLOSE * abs(f) for f in factors):
            return diagnosis
    return "wrong_scale"


def judge_factors(found: dict[float, float | None], names: list[str | None]) -> None:
    """Are the factors at several p right? If not, one idea has to explain them all to be named.

    Args:
        found: the factor at each p, or None where it differs from entry to entry.
        names: from `name_factor`, in the same order.
    """
    wrong = [p for p, name in zip(found, names, strict=True) if name is not None]
    ideas = set(names) - {None}  # a wrong idea may be right by chance at one p
    if wrong:
        p = wrong[0]
        shown = "not the same everywhere" if found[p] is None else f"{found[p]:.4g}"
        raise Failed(
            f"At p = {p:g} what is kept should come out {1 / (1 - p):.4g} times as large; "
            f"the factor is {shown}.",
            ideas.pop() if len(ideas) == 1 else "wrong_scale",
        )
