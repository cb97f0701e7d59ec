"""The checks of exercise 03_backward: ``dropout_backward(dy, keep, p) -> dx``."""

from typing import Any

import numpy as np

from dropgrade.checks.calling import Called, global_state
from dropgrade.checks.common import (
    in_place,
    judge_bad_p,
    judge_dtype,
    judge_nonfinite,
    judge_silence,
    judge_untouched,
    layouts,
    signed,
    with_nonfinite,
)
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import (
    CLOSE,
    close,
    common_factor,
    judge_factors,
    name_factor,
    name_of,
    percent,
    read_array,
    read_pair,
)
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.reference import numpy_ops

checks = Checklist()

SHAPE = (40, 50)
HERE = {"no_rescale": "gradient_not_rescaled", "scaled_twice": "gradient_scaled_twice"}
"""What a wrong factor of the forward pass is called in the backward pass."""
DTYPES = (np.float64, np.float32, np.float16)


def backward(functions: Functions, dy: np.ndarray, keep: np.ndarray | None, p: float) -> np.ndarray:
    """The learner's gradient as an array of dy's shape; the learner gets copies."""
    theirs = None if keep is None else keep.copy()
    return read_array(functions["dropout_backward"](dy.copy(), theirs, p), dy.shape, "dx")


def mask(rng: np.random.Generator, p: float, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """A keep mask that a correct forward pass could have drawn."""
    return numpy_ops.keep_mask(shape, p, rng)


@checks.add(points=1)
def returns_gradient(functions: Functions, rng: np.random.Generator) -> str:
    """dropout_backward returns one array of dy's shape."""
    dy = signed(rng, (6, 5))
    dx = functions["dropout_backward"](dy.copy(), mask(rng, 0.3, (6, 5)), 0.3)
    if not isinstance(dx, np.ndarray):
        raise Failed(f"dx should be one NumPy array; it is {name_of(dx)}.", "wrong_return")
    read_array(dx, dy.shape, "dx")
    return "dx is an array of dy's shape."


@checks.add(points=2)
def gradient_uses_given_mask(functions: Functions, rng: np.random.Generator) -> str:
    """The gradient is zero exactly where the mask of the forward pass is False."""
    p, shape = 0.3, (32, 45)  # a shape of its own, so that no earlier call can have been remembered
    dy, first, keep = signed(rng, shape), mask(rng, p, shape), mask(rng, p, shape)
    backward(functions, dy, first, p)
    passed = backward(functions, dy, keep, p) != 0
    if np.array_equal(passed, keep):
        return "the gradient passes where the entry was kept, and nowhere else."
    wrong = int((passed != keep).sum())
    raise Failed(
        f"dx should be zero exactly where keep is False; in {wrong} of {dy.size} places it is not so.",
        name_passage(passed, keep, p, first),
    )


def name_passage(passed: np.ndarray, keep: np.ndarray, p: float, first: np.ndarray) -> str | None:
    """Which misconception explains where the gradient passes; `first` is the mask of an earlier call."""
    if np.array_equal(passed, ~keep):
        return "keep_drop_swapped"
    if passed.all():
        return "gradient_ignores_mask"
    if np.array_equal(passed, first):
        return "frozen_mask"
    if passed.any() and np.all(passed == passed[:1]):
        return "one_mask_for_the_batch"
    unrelated = abs((passed != keep).mean() - 2 * p * (1 - p)) < 0.08
    return "new_mask_in_backward" if unrelated and abs(passed.mean() - (1 - p)) < 0.08 else None


@checks.add(points=2, catches="a factor that is wrong by 0.001 %, each time")
def gradient_rescaled(functions: Functions, rng: np.random.Generator) -> str:
    """What passes through the mask is divided by the probability of keeping, once."""
    found, names = {}, []
    for p in (0.2, 0.7):
        dy, keep = signed(rng, SHAPE), mask(rng, p)
        dx = backward(functions, dy, keep, p)
        passed = dx != 0
        if not passed.any():
            raise Failed(f"At p = {p:g} every entry of dx is zero, so there is nothing to compare with dy.")
        found[p] = common_factor(dx[passed], dy[passed])
        name = name_factor(found[p], p, dy, keep)
        names.append(HERE.get(name, name))
    judge_factors(found, names)
    return "what passes has the right size at p = 0.2 and at p = 0.7."


@checks.add(points=1)
def no_randomness(functions: Functions, rng: np.random.Generator) -> str:
    """The same arguments give the same gradient, and nothing random is drawn."""
    dy, keep = signed(rng, SHAPE), mask(rng, 0.5)
    with global_state(rng) as touched:
        once, again = (backward(functions, dy, keep, 0.5) for _ in range(2))
    if touched:
        raise Failed(f"The backward pass drew from the global state of {touched[0]}.", "new_mask_in_backward")
    if not np.array_equal(once, again):
        raise Failed(
            f"Two calls with the same arguments differ in {percent((once != again).mean())} of the entries.",
            "new_mask_in_backward",
        )
    return "the same arguments give the same gradient."


@checks.add(points=2, catches="a slope that is wrong by 0.001 %, each time")
def matches_own_forward(functions: Functions, rng: np.random.Generator) -> str:
    """The gradient is the slope of the forward pass (your own, where you defined dropout_forward)."""
    forward = functions.get("dropout_forward") or Called("dropout_forward", numpy_ops.dropout_forward)
    for p in (0.3, 0.6):
        x, dy = signed(rng, SHAPE), signed(rng, SHAPE)
        y, keep = read_pair(forward(x.copy(), p, True, fresh(rng)), "dropout_forward")
        slope = read_array(y, x.shape, "y") / x  # dropout is linear, so this is the slope, not a secant
        handed = keep.copy() if isinstance(keep, np.ndarray) else keep
        dx = read_array(functions["dropout_backward"](dy.copy(), handed, p), dy.shape, "dx")
        if not close(dx, dy * slope):
            wrong = int((np.abs(dx - dy * slope) > CLOSE * np.abs(dy * slope)).sum())
            raise Failed(
                f"At p = {p:g} dx should be dy times the slope of your forward pass; "
                f"in {wrong} of {dy.size} places it is not.",
                name_mismatch(dx / dy, slope, keep, p),
            )
    return "the gradient is the slope of the forward pass."


def name_mismatch(gradient: np.ndarray, slope: np.ndarray, keep: Any, p: float) -> str | None:
    """Why the backward pass (its factor at each entry) does not fit the forward pass (its slope)."""
    passed, kept = gradient != 0, slope != 0
    if not np.array_equal(passed, kept):
        if np.array_equal(passed, np.asarray(keep) != 0):
            return "returned_mask_differs"
        return name_passage(passed, kept, p, kept)
    ones = np.ones_like(slope)
    forth, back = (common_factor(factor[kept], ones[kept]) for factor in (slope, gradient))
    forward_name = name_factor(forth, p, ones, kept)
    return forward_name or HERE.get(name := name_factor(back, p, ones, kept), name)


@checks.add(points=1)
def eval_passes_gradient(functions: Functions, rng: np.random.Generator) -> str:
    """With keep = None (evaluation) the gradient passes through unchanged, for every p."""
    for p in (0.2, 0.5, 0.0, 1.0):
        dy = signed(rng, SHAPE)
        dx = functions["dropout_backward"](dy.copy(), None, p)
        if dx is None:
            raise Failed("With keep = None dx should equal dy; it is None.", "none_not_handled")
        dx = read_array(dx, dy.shape, "dx")
        if not close(dx, dy):
            drops = np.any(dx == 0)
            diagnosis = "none_not_handled" if drops else "gradient_rescaled_in_eval"
            raise Failed(f"With keep = None dx should equal dy; at p = {p:g} it does not.", diagnosis)
    return "without a mask the gradient passes unchanged, for every p."


@checks.add(points=1, false_alarm=4 * 0.5**200, catches="a single inf or NaN that passes, each time")
def nonfinite_gradient_dropped(functions: Functions, rng: np.random.Generator) -> str:
    """An inf or NaN in dy does not pass where the mask is False."""
    dy = with_nonfinite(rng)
    dx = backward(functions, dy, mask(rng, 0.5, dy.shape), 0.5)
    judge_nonfinite(dy, dx, "dx", "gradient_ignores_mask")
    return "where the mask is False dx is zero, whatever dy was."


@checks.add(points=1)
def edges_are_exact(functions: Functions, rng: np.random.Generator) -> str:
    """p = 0 passes the gradient through, and p = 1 gives zeros."""
    dy, everything = signed(rng, SHAPE), np.ones(SHAPE, dtype=bool)
    at_zero = backward(functions, dy, everything, 0.0)
    if not close(at_zero, dy):
        broken = not np.isfinite(at_zero).all()
        raise Failed(
            "At p = 0 dx should equal dy; it does not.",
            "scaled_by_drop_prob" if broken else name_edge(at_zero),
        )
    at_one = backward(functions, dy, ~everything, 1.0)
    if not np.isfinite(at_one).all():
        raise Failed("At p = 1 dx should be all zeros; it holds inf or NaN.", "p_one_divides_by_zero")
    if at_one.any():
        raise Failed(
            f"At p = 1 dx should be all zeros; {percent((at_one != 0).mean())} of it is not.",
            "gradient_ignores_mask",
        )
    return "p = 0 passes everything, p = 1 nothing."


def name_edge(dx: np.ndarray) -> str | None:
    """Why a mask that is all True changes the gradient: it lets nothing through, or all at another size."""
    if not dx.any():
        return "keep_drop_swapped"
    return "wrong_scale" if dx.all() else None


@checks.add(points=1)
def rejects_bad_p(functions: Functions, rng: np.random.Generator) -> str:
    """A p outside [0, 1], or NaN, raises ValueError, with a mask and without."""
    for keep, where in ((np.ones((4, 3), dtype=bool), " with a mask"), (None, " without a mask")):
        judge_bad_p(functions["dropout_backward"], lambda p, keep=keep: (np.ones((4, 3)), keep, p), where)
    return "each p outside [0, 1] raises ValueError, and so does NaN."


@checks.add(points=1)
def input_unchanged(functions: Functions, rng: np.random.Generator) -> str:
    """dy and keep are left as they were."""
    for p, keep in ((0.5, mask(rng, 0.5)), (1.0, np.zeros(SHAPE, dtype=bool)), (0.5, None)):
        dy = signed(rng, SHAPE)
        before, kept_before = dy.copy(), None if keep is None else keep.copy()
        try:
            dx = functions["dropout_backward"](dy, keep, p)
        except Failed:
            if keep is not None:
                raise
            continue  # no mask is the business of another check
        judge_untouched("dy", dy, before, f"the call at p = {p:g}")
        if keep is not None:
            judge_untouched("keep", keep, kept_before, f"the call at p = {p:g}")
            read_array(dx, dy.shape, "dx")
    return "dy and keep are what they were."


@checks.add(points=1)
def dtype_kept(functions: Functions, rng: np.random.Generator) -> str:
    """dx has the dtype of dy: float16, float32 or float64."""
    for dtype in DTYPES:
        for p, keep in ((0.3, mask(rng, 0.3, (6, 5))), (1.0, np.zeros((6, 5), dtype=bool))):
            dy = signed(rng, (6, 5)).astype(dtype)
            dx = functions["dropout_backward"](dy, keep, p)
            read_array(dx, dy.shape, "dx")
            judge_dtype("dx", dx, dy.dtype, f"with a mask at p = {p:g}")
    return "float16, float32 and float64 stay what they are."


@checks.add(points=1)
def shapes_and_layouts(functions: Functions, rng: np.random.Generator) -> str:
    """Any shape and memory layout will do: vectors, stacks, empty arrays, transposes and strided views."""
    for what, dy in layouts(rng).items():
        keep = mask(rng, 0.5, dy.shape)
        dx = functions["dropout_backward"](dy, keep, 0.5)
        dx = read_array(dx, dy.shape, f"dx for {what}")
        if not in_place(dx, dy):
            raise Failed(f"For {what} the entries of dx do not stand where they stood in dy.")
    return "vectors, stacks, empty arrays and views all come back in their shape."


@checks.add(points=1)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    calls = []
    for dtype in DTYPES:
        for p in (0.2, 0.7, 0.0, 1.0):
            calls.append((signed(rng, (6, 5)).astype(dtype), mask(rng, p, (6, 5)), p))
    judge_silence(functions["dropout_backward"], calls, lambda dx: read_array(dx, (6, 5), "dx"))
    return "no warning and nothing on stderr."


EXERCISE = Exercise(
    "03_backward", "The backward pass", ("dropout_backward",), ("dropout_forward",), tuple(checks.checks)
)
