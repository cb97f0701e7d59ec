"""The checks of exercise 02_forward: ``dropout_forward(x, p, training, rng) -> (y, keep)``."""

from typing import Any

import numpy as np

from dropgrade.checks import masks
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
from dropgrade.checks.masks import FALSE_ALARM
from dropgrade.checks.patterns import NAMED, Draw, Drawing, fresh
from dropgrade.checks.patterns import SHAPE as LARGE
from dropgrade.checks.reading import (
    close,
    common_factor,
    judge_factors,
    name_factor,
    name_of,
    percent,
    read_array,
    read_mask,
    read_pair,
)
from dropgrade.checks.statistics import strays
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions

checks = Checklist()

RATES = ((0.2, LARGE), (0.7, LARGE), (0.001, (160, 160)))
SHAPE = (40, 50)
DTYPES = (np.float64, np.float32, np.float16)


def forward(functions: Functions, x: np.ndarray, p: float, training: bool, rng: Any) -> tuple[Any, Any]:
    """Call the learner's function and take its answer apart, without looking at the parts."""
    return read_pair(functions["dropout_forward"](x, p, training, rng), "dropout_forward")


def train(
    functions: Functions, x: np.ndarray, p: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """y and keep in training, as arrays of x's shape; the learner gets a copy of x."""
    y, keep = forward(functions, x.copy(), p, True, fresh(rng))
    if keep is None:
        raise maskless(functions, x, rng)
    return read_array(y, x.shape, "y"), read_mask(keep, x.shape, "keep")


def maskless(functions: Functions, x: np.ndarray, rng: np.random.Generator) -> Failed:
    """The complaint about keep = None in training; evaluation may show that the modes are swapped."""
    _, keep = forward(functions, x.copy(), 0.5, False, fresh(rng))
    return Failed(
        "In training keep should be a bool array; it is None.",
        "wrong_return" if keep is None else "modes_swapped",
    )


def drawing(functions: Functions, values: np.random.Generator | None = None) -> Draw:
    """The learner's masks as ``draw(shape, p, rng)``: for one x of a shape, or for x drawn from `values`."""

    def arguments(shape: tuple[int, ...], p: float, rng: np.random.Generator) -> tuple[Any, ...]:
        x = np.random.default_rng(7).random(shape) + 1 if values is None else values.random(shape) + 1
        return x, p, True, rng

    def read(value: Any, shape: tuple[int, ...]) -> np.ndarray:
        _, keep = read_pair(value, "dropout_forward")
        if keep is None:
            raise maskless(functions, np.ones(shape), np.random.default_rng(7))
        return read_mask(keep, shape, "keep")

    return Drawing(functions["dropout_forward"], arguments, read)


@checks.add(points=1)
def returns_output_and_mask(functions: Functions, rng: np.random.Generator) -> str:
    """In training dropout_forward returns (y, keep): an array and a bool array, both of x's shape."""
    x = signed(rng, (6, 5))
    y, keep = forward(functions, x.copy(), 0.3, True, fresh(rng))
    train(functions, x, 0.3, rng)
    for what, value in (("y", y), ("keep", keep)):
        if not isinstance(value, np.ndarray):
            raise Failed(f"{what} should be a NumPy array; it is {name_of(value)}.", "wrong_return")
    if keep.dtype != bool:
        raise Failed(f"keep should have dtype bool; its dtype is {keep.dtype}.", "mask_not_bool")
    return "y is an array and keep a bool array, both of x's shape."


@checks.add(
    points=1,
    false_alarm=FALSE_ALARM,
    catches="a keep rate 3.5 percentage points off, or at p = 0.001 three times as many drops, or none, "
    "in at least 99 of 100 runs",
)
def rate_matches_p(functions: Functions, rng: np.random.Generator) -> str:
    """In training an entry is kept with probability 1 - p."""
    return masks.judge_rate(drawing(functions, fresh(rng)), rng, RATES)


@checks.add(
    points=1,
    false_alarm=3 * FALSE_ALARM,
    catches="rows or neighbours that agree 6 percentage points too often, or a fixed number of drops in "
    "every second mask, in at least 99 of 100 runs",
)
def masks_independent(functions: Functions, rng: np.random.Generator) -> str:
    """Entries are drawn independently: across rows, inside rows, and in their number."""
    draw = drawing(functions, fresh(rng))
    parts = [judge(draw, rng) for judge in (masks.judge_rows, masks.judge_entries, masks.judge_count)]
    return "; ".join(part.rstrip(".") for part in parts) + "."


@checks.add(
    points=1,
    false_alarm=FALSE_ALARM,
    catches="a second mask that agrees 4 percentage points too often with the first, in at least 99 of 100 "
    "runs",
)
def calls_differ(functions: Functions, rng: np.random.Generator) -> str:
    """Each call in training draws a new mask."""
    return masks.judge_calls(drawing(functions), rng)


@checks.add(points=1)
def only_the_given_rng(functions: Functions, rng: np.random.Generator) -> str:
    """The rng that is passed in decides the mask: the same seed repeats it, and nothing global is touched."""
    return masks.judge_rng(drawing(functions), rng)


@checks.add(points=1)
def output_follows_mask(functions: Functions, rng: np.random.Generator) -> str:
    """The output is zero exactly where keep is False."""
    x = signed(rng, SHAPE)
    y, keep = train(functions, x, 0.3, rng)
    if np.array_equal(y != 0, keep):
        return "y is zero where keep is False, and nowhere else."
    wrong = int(((y != 0) != keep).sum())
    if np.array_equal(y == 0, keep):
        diagnosis = "keep_drop_swapped"
    else:
        diagnosis = "mask_not_applied" if np.all(y[~keep] != 0) else "returned_mask_differs"
    raise Failed(
        f"y should be zero exactly where keep is False; in {wrong} of {x.size} places it is not so.",
        diagnosis,
    )


@checks.add(points=2, catches="a factor that is wrong by 0.001 %, each time")
def kept_entries_rescaled(functions: Functions, rng: np.random.Generator) -> str:
    """Kept entries are divided by the probability of keeping."""
    found, names = {}, []
    for p in (0.2, 0.7):
        x = signed(rng, SHAPE)
        y, keep = forward(functions, x.copy(), p, True, fresh(rng))
        y = read_array(y, x.shape, "y")
        if keep is None and np.array_equal(x, y):
            raise maskless(functions, x, rng)
        kept, found[p] = surviving(x, y, keep)
        names.append(name_factor(found[p], p, x, kept))
        if names[-1] == "scaled_by_drop_prob" and not strays(int((y != 0).sum()), x.size, p, NAMED):
            names[-1] = "keep_drop_swapped"
    judge_factors(found, names)
    return "what is kept has the right size at p = 0.2 and at p = 0.7."


def surviving(x: np.ndarray, y: np.ndarray, keep: Any) -> tuple[np.ndarray, float | None]:
    """Which entries count as kept and the factor they share: by the mask if possible, else by y != 0."""
    nonzero = y != 0
    groups = [nonzero]
    if isinstance(keep, np.ndarray) and keep.shape == y.shape:
        groups.insert(0, keep != 0)
    for group in groups:
        factor = common_factor(y[group], x[group])
        if factor:
            return group, factor
    if not nonzero.any():
        raise Failed("Every entry of y is zero, so there is nothing to compare with x.", "wrong_rate")
    return nonzero, None


@checks.add(points=1, false_alarm=2 * 0.5**4000, catches="a mask that follows the zeros of x, each time")
def mask_survives_zeros(functions: Functions, rng: np.random.Generator) -> str:
    """keep is the mask that was drawn, also where x is zero."""
    x = signed(rng, (80, 100))
    x[:, ::2] = 0
    _, keep = train(functions, x, 0.5, rng)
    share = float(keep[x == 0].mean())
    if share in (0.0, 1.0) and 0 < keep.mean() < 1:
        raise Failed(
            f"At p = 0.5 half of the entries should be kept where x is zero, too; {percent(share)} are.",
            "mask_guessed_from_values",
        )
    if share in (0.0, 1.0):
        raise Failed(f"At p = 0.5 keep is {bool(share)} everywhere, so it shows no mask.", "wrong_rate")
    return f"{percent(share)} kept at p = 0.5 where x is zero."


@checks.add(
    points=1, false_alarm=0.5**200, catches="a single inf or NaN that survives being dropped, each time"
)
def nonfinite_entries_dropped(functions: Functions, rng: np.random.Generator) -> str:
    """A dropped inf or NaN becomes zero."""
    x = with_nonfinite(rng)
    y, _ = forward(functions, x.copy(), 0.5, True, fresh(rng))
    judge_nonfinite(x, read_array(y, x.shape, "y"), "y", "mask_not_applied")
    return "what is dropped is zero, whatever it was."


@checks.add(points=1)
def p_zero_keeps_all(functions: Functions, rng: np.random.Generator) -> str:
    """At p = 0 training returns x unchanged and a mask that is all True."""
    x = signed(rng, SHAPE)
    y, keep = forward(functions, x.copy(), 0.0, True, fresh(rng))
    if keep is None:
        swapped = maskless(functions, x, rng).diagnosis == "modes_swapped"
        raise Failed(
            "At p = 0 training should return a mask that is all True; keep is None.",
            "modes_swapped" if swapped else "no_mask_at_p_zero",
        )
    y, keep = read_array(y, x.shape, "y"), read_mask(keep, x.shape, "keep")
    if not keep.all():
        raise Failed(
            f"At p = 0 keep should be all True; {percent(keep.mean())} of it is.",
            "keep_drop_swapped" if not keep.any() else "wrong_rate",
        )
    if not close(y, x):
        broken = not np.isfinite(y).all()
        diagnosis = "scaled_by_drop_prob" if broken else "wrong_scale"
        raise Failed("At p = 0 y should equal x; it does not.", diagnosis)
    return "y equals x and the mask is all True."


@checks.add(points=1)
def p_one_gives_zeros(functions: Functions, rng: np.random.Generator) -> str:
    """At p = 1 training returns zeros and a mask that is all False."""
    x = signed(rng, SHAPE)
    y, keep = train(functions, x, 1.0, rng)
    if not np.isfinite(y).all():
        raise Failed("At p = 1 y should be all zeros; it holds inf or NaN.", "p_one_divides_by_zero")
    if y.any() or keep.any():
        diagnosis = "mask_not_applied" if keep.all() or not keep.any() else "wrong_rate"
        if keep.all() and not train(functions, x, 0.0, rng)[1].any():
            diagnosis = "keep_drop_swapped"
        raise Failed(
            f"At p = 1 y should be all zeros and keep all False; {percent((y != 0).mean())} of y is not zero "
            f"and {percent(keep.mean())} of keep is True.",
            diagnosis,
        )
    return "y is all zeros and the mask all False."


@checks.add(points=1)
def rejects_bad_p(functions: Functions, rng: np.random.Generator) -> str:
    """A p outside [0, 1], or NaN, raises ValueError, in training and in evaluation."""
    for training, where in ((True, " in training"), (False, " in evaluation")):
        judge_bad_p(
            functions["dropout_forward"],
            lambda p, training=training: (np.ones((4, 3)), p, training, fresh(rng)),
            where,
        )
    return "each p outside [0, 1] raises ValueError in both modes, and so does NaN."


@checks.add(points=2)
def eval_is_identity(functions: Functions, rng: np.random.Generator) -> str:
    """In evaluation y equals x and keep is None, for every p."""
    for p in (0.2, 0.5, 0.0, 1.0):
        x = signed(rng, SHAPE)
        y, keep = forward(functions, x.copy(), p, False, fresh(rng))
        y = read_array(y, x.shape, "y")
        if not close(y, x):
            raise Failed(
                f"In evaluation y should equal x; at p = {p:g} {percent((y == 0).mean())} of y is zero"
                f"{' and the rest has another size' if np.any((y != 0) & (y != x)) else ''}.",
                name_evaluation(functions, x, y, rng),
            )
        if keep is not None:
            raise Failed(
                f"In evaluation keep should be None; at p = {p:g} it is {name_of(keep)}.", "mask_in_eval"
            )
    return "y equals x and keep is None, for every p."


def name_evaluation(functions: Functions, x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> str:
    """Why evaluation changes x: it drops (perhaps instead of training), or it scales."""
    if np.all(y != 0):
        return "scaled_in_eval"
    trained, _ = forward(functions, x.copy(), 0.5, True, fresh(rng))
    return "modes_swapped" if np.array_equal(trained, x) else "drops_in_eval"


@checks.add(points=1)
def eval_draws_nothing(functions: Functions, rng: np.random.Generator) -> str:
    """Evaluation draws nothing from rng."""
    for p in (0.3, 0.0, 1.0):
        x, theirs = signed(rng, SHAPE), fresh(rng)
        before = theirs.bit_generator.state
        y, _ = forward(functions, x.copy(), p, False, theirs)
        y = read_array(y, x.shape, "y")
        if theirs.bit_generator.state != before:
            diagnosis = "draws_in_eval" if np.all(y != 0) else name_evaluation(functions, x, y, rng)
            raise Failed(
                f"Evaluation should leave rng where it was; at p = {p:g} it drew from it.", diagnosis
            )
    return "rng is where it was before."


@checks.add(points=1)
def input_unchanged(functions: Functions, rng: np.random.Generator) -> str:
    """x is left as it was."""
    for p, training in ((0.5, True), (0.0, True), (1.0, True), (0.5, False)):
        x = signed(rng, SHAPE)
        before = x.copy()
        y, _ = forward(functions, x, p, training, fresh(rng))
        read_array(y, x.shape, "y")
        judge_untouched("x", x, before, f"{'training' if training else 'evaluation'} at p = {p:g}")
    return "x is what it was, in training and in evaluation."


@checks.add(points=1)
def dtype_kept(functions: Functions, rng: np.random.Generator) -> str:
    """y has the dtype of x: float16, float32 or float64."""
    for dtype in DTYPES:
        for p, training in ((0.3, True), (0.0, True), (1.0, True), (0.3, False)):
            x = signed(rng, (6, 5)).astype(dtype)
            y, _ = forward(functions, x, p, training, fresh(rng))
            read_array(y, x.shape, "y")
            judge_dtype("y", y, x.dtype, f"{'in training' if training else 'in evaluation'} at p = {p:g}")
    return "float16, float32 and float64 stay what they are."


@checks.add(points=1)
def shapes_and_layouts(functions: Functions, rng: np.random.Generator) -> str:
    """Any shape and memory layout will do: vectors, stacks, empty arrays, transposes and strided views."""
    for what, x in layouts(rng).items():
        y, keep = forward(functions, x, 0.5, True, fresh(rng))
        if not isinstance(keep, np.ndarray) or not isinstance(y, np.ndarray) or y.shape != x.shape:
            found = f"y is {name_of(y)} and keep is {name_of(keep)}"
            raise Failed(
                f"For {what} of shape {x.shape} {found}.",
                "wrong_shape" if keep is not None else "wrong_return",
            )
        read_mask(keep, x.shape, f"keep for {what}")
        if not in_place(y, x):
            raise Failed(f"For {what} the entries of y do not stand where they stood in x.")
    return "vectors, stacks, empty arrays and views all come back in their shape."


@checks.add(points=1)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    cases = [(p, training) for training in (True, False) for p in (0.2, 0.7, 0.0, 1.0)]
    judge_silence(
        functions["dropout_forward"],
        [(signed(rng, (6, 5)).astype(dtype), p, on, fresh(rng)) for dtype in DTYPES for p, on in cases],
        lambda pair: read_array(read_pair(pair, "dropout_forward")[0], (6, 5), "y"),
    )
    return "no warning and nothing on stderr."


EXERCISE = Exercise("02_forward", "The forward pass", ("dropout_forward",), (), tuple(checks.checks))
