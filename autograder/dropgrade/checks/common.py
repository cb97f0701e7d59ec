"""What the exercises ask alike: a p that must be refused, silence, inputs left alone."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dropgrade.checks.calling import Called, listening, shorten
from dropgrade.checks.verdicts import Failed

BAD_P = (-0.5, 1.5, -1e-6, 1 + 1e-6, float("inf"), float("nan"))
TRANSPOSED, STRIDED = "a transposed array", "every second row, backwards"


def judge_bad_p(function: Called, arguments: Callable[[float], tuple], where: str = "") -> None:
    """Is every p outside [0, 1], and NaN, refused by ValueError?

    Args:
        function: the learner's.
        arguments: gives the arguments of a call with that p.
        where: " in training" or the like, for the message.
    """
    function(*arguments(0.5))  # a function that refuses everything has not understood p either
    errors = {p: function.error(*arguments(p)) for p in BAD_P}
    silent = [p for p, error in errors.items() if error is None]
    if silent:
        only_nan = all(np.isnan(p) for p in silent)
        raise Failed(
            f"p = {silent[0]:.7g}{where} should raise ValueError; {function.name} accepts it.",
            "nan_not_rejected" if only_nan else "p_not_validated",
        )
    for p, error in errors.items():
        if not isinstance(error, ValueError):
            raise Failed(
                f"p = {p:.7g}{where} should raise ValueError; {function.name} raises {type(error).__name__}.",
                "raises_wrong_error",
            )


def judge_silence(function: Called, calls: Iterable[tuple], read: Callable[[Any], object]) -> None:
    """Does each of these calls, all of them legal, go without a warning and without a word on stderr?

    `read` looks at what came back and raises `Failed` if it is useless: doing nothing is no silence.
    """
    for arguments in calls:
        with listening() as noise:
            result = function(*arguments)
        read(result)
        if noise.first():
            p = next(a for a in arguments if isinstance(a, float))
            zero = p == 1 and ("divide" in noise.first() or "invalid value" in noise.first())
            raise Failed(
                f"{function.name} should be silent; at p = {p:g} it said: {noise.first()}.",
                "p_one_divides_by_zero" if zero else "noisy",
            )


def judge_untouched(name: str, array: np.ndarray, before: np.ndarray, when: str) -> None:
    """Is an array still what it was before the call?"""
    if not np.array_equal(array, before, equal_nan=array.dtype.kind == "f"):
        changed = int((array != before).sum())
        raise Failed(
            f"{name} should be left as it was; {when} changed {changed} of its {array.size} entries.",
            "input_changed_in_place",
        )


def judge_dtype(name: str, result: np.ndarray, dtype: np.dtype, when: str) -> None:
    """Has the result the dtype of the input?"""
    found = getattr(result, "dtype", type(result).__name__)
    if found != dtype:
        wider = isinstance(found, np.dtype) and found.kind == "f" and found.itemsize > dtype.itemsize
        raise Failed(
            f"{name} should have dtype {dtype} as its input has; {when} its dtype is {shorten(found, 30)}.",
            "dtype_widened" if wider else "dtype_changed",
        )


def layouts(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Float64 arrays of every kind a function should take, with values in [1, 2), by their description."""
    block = 1 + rng.random((8, 6))
    return {
        "a vector": 1 + rng.random(9),
        "a stack of matrices": 1 + rng.random((2, 3, 4)),
        TRANSPOSED: block.T,
        STRIDED: block[::-2],
        "an array in Fortran order": np.asfortranarray(block),
        "an empty array": np.zeros((0, 5)),
        "an array of empty rows": np.zeros((4, 0)),
    }


def in_place(out: np.ndarray, into: np.ndarray) -> bool:
    """Do the entries that are not zero stand where they stood, up to a common factor and coarse rounding?"""
    with np.errstate(all="ignore"):
        factors = (out / into)[out != 0]
    return bool(factors.size == 0 or np.all(np.abs(factors / np.median(factors) - 1) < 0.01))


def signed(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Float64 values of either sign with sizes in [1, 2): none is zero, and none is a power of another."""
    return (1 + rng.random(shape)) * rng.choice([-1.0, 1.0], size=shape)


def with_nonfinite(rng: np.random.Generator) -> np.ndarray:
    """Float64 (30, 20) with 200 inf of either sign, 200 NaN and 200 ordinary values, by turns."""
    x = signed(rng, (30, 20))
    kind = np.add.outer(np.arange(30), np.arange(20)) % 3
    x[kind == 0] *= np.inf
    x[kind == 1] = np.nan
    return x


def judge_nonfinite(into: np.ndarray, out: np.ndarray, name: str, unmasked: str) -> None:
    """Is each inf and each NaN of `with_nonfinite`, masked at p = 0.5, either zero now or what it was?

    Args:
        into, out: what the function was given and what came back.
        name: of the result, for the message.
        unmasked: the misconception if nothing at all was dropped.
    """
    inf, nan = np.isinf(into), np.isnan(into)
    infs, nans = out[inf], out[nan]
    made_nan, left = int(np.isnan(infs).sum()), int(np.isnan(nans).sum())
    if made_nan or left == nans.size:
        raise Failed(
            f"A dropped inf or NaN should become 0; at p = 0.5 {made_nan} of {infs.size} inf turned into "
            f"NaN, and {left} of {nans.size} NaN are left in {name}.",
            unmasked if np.isinf(infs).all() else "multiplies_instead_of_selects",
        )
    strange = np.any((infs != 0) & ~np.isinf(infs)) or np.any((nans != 0) & ~np.isnan(nans))
    if strange or not left or not infs.any():
        raise Failed(
            f"An inf or NaN that is kept should stay what it is; at p = 0.5 {int(np.isinf(infs).sum())} of "
            f"{infs.size} inf and {left} of {nans.size} NaN are left in {name}.",
            "hides_nonfinite",
        )
