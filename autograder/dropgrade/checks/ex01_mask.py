"""The checks of exercise 01_mask: ``keep_mask(shape, p, rng) -> bool array``, True where kept."""

import numpy as np

from dropgrade.checks import masks
from dropgrade.checks.common import judge_bad_p, judge_silence
from dropgrade.checks.masks import FALSE_ALARM
from dropgrade.checks.patterns import SHAPE, Draw, Drawing, fresh
from dropgrade.checks.reading import name_of, percent, read_array, read_mask
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions

checks = Checklist()

MIDDLING = ((0.2, SHAPE), (0.7, SHAPE))
EXTREME = ((0.001, (160, 160)), (0.99975, (400, 400)))
SHAPES = ((6, 5), (7,), (2, 3, 4), (1, 1), (0, 5), (3, 0))
EDGE = (160, 160)


def drawing(functions: Functions) -> Draw:
    """The learner's function as ``draw(shape, p, rng) -> bool array``."""
    return Drawing(functions["keep_mask"], lambda shape, p, rng: (shape, p, rng), read_mask)


@checks.add(points=1)
def returns_bool_mask(functions: Functions, rng: np.random.Generator) -> str:
    """keep_mask returns a NumPy array of dtype bool and of the shape asked for, empty shapes included."""
    for shape in SHAPES:
        keep = functions["keep_mask"](shape, 0.3, fresh(rng))
        array = read_array(keep, shape, f"The mask for shape {shape}")
        if array.dtype != bool:
            read_mask(keep, shape, f"The mask for shape {shape}")
            raise Failed(f"The mask should have dtype bool; its dtype is {array.dtype}.", "mask_not_bool")
        if not isinstance(keep, np.ndarray):
            raise Failed(f"The mask should be a NumPy array; it is {name_of(keep)}.", "wrong_return")
    return f"a bool array for each of {len(SHAPES)} shapes."


@checks.add(
    points=2,
    false_alarm=FALSE_ALARM,
    catches="a keep rate 3.5 percentage points off, in at least 99 of 100 runs",
)
def rate_matches_p(functions: Functions, rng: np.random.Generator) -> str:
    """An entry is kept with probability 1 - p."""
    return masks.judge_rate(drawing(functions), rng, MIDDLING)


@checks.add(
    points=1,
    false_alarm=FALSE_ALARM,
    catches="at p = 0.001 three times as many drops, or none; at p = 0.99975 three times as many kept, "
    "or none; in at least 99 of 100 runs",
)
def rate_holds_at_extremes(functions: Functions, rng: np.random.Generator) -> str:
    """The rate holds for p close to 0 and close to 1 as well."""
    return masks.judge_rate(drawing(functions), rng, EXTREME)


@checks.add(points=1, catches="a chance of 0.001 for the wrong outcome, in all but one of 10 billion runs")
def edges_are_exact(functions: Functions, rng: np.random.Generator) -> str:
    """p = 0 keeps every entry and p = 1 none."""
    draw = drawing(functions)
    at_zero, at_one = (float(draw(EDGE, p, fresh(rng)).mean()) for p in (0.0, 1.0))
    if at_zero == 1 and at_one == 0:
        return "everything is kept at p = 0 and nothing at p = 1."
    raise Failed(
        f"p = 0 should keep everything and p = 1 nothing; at p = 0, {percent(at_zero)} were kept, "
        f"at p = 1, {percent(at_one)}.",
        "keep_drop_swapped" if at_zero == 0 and at_one == 1 else "wrong_rate",
    )


@checks.add(points=1)
def rejects_bad_p(functions: Functions, rng: np.random.Generator) -> str:
    """A p outside [0, 1], or NaN, raises ValueError."""
    judge_bad_p(functions["keep_mask"], lambda p: ((4, 3), p, fresh(rng)))
    return "each p outside [0, 1] raises ValueError, and so does NaN."


@checks.add(
    points=1,
    false_alarm=FALSE_ALARM,
    catches="rows that agree 6 percentage points too often, in at least 99 of 100 runs",
)
def rows_differ(functions: Functions, rng: np.random.Generator) -> str:
    """Each row has a mask of its own."""
    return masks.judge_rows(drawing(functions), rng)


@checks.add(
    points=1,
    false_alarm=FALSE_ALARM,
    catches="neighbours that agree 6 percentage points too often or too rarely, in at least 99 of 100 runs",
)
def entries_independent(functions: Functions, rng: np.random.Generator) -> str:
    """Inside a row each entry is drawn by itself."""
    return masks.judge_entries(drawing(functions), rng)


@checks.add(
    points=1,
    false_alarm=FALSE_ALARM,
    catches="a fixed number of drops in every second mask, in at least 99 of 100 runs",
)
def count_varies(functions: Functions, rng: np.random.Generator) -> str:
    """The number of kept entries varies from mask to mask as a binomial count does."""
    return masks.judge_count(drawing(functions), rng)


@checks.add(
    points=1,
    false_alarm=FALSE_ALARM,
    catches="a second mask that agrees 4 percentage points too often with the first, in at least 99 of 100 "
    "runs",
)
def calls_differ(functions: Functions, rng: np.random.Generator) -> str:
    """Each call draws a new mask."""
    return masks.judge_calls(drawing(functions), rng)


@checks.add(points=1)
def only_the_given_rng(functions: Functions, rng: np.random.Generator) -> str:
    """The rng that is passed in decides the mask: the same seed repeats it, and nothing global is touched."""
    return masks.judge_rng(drawing(functions), rng)


@checks.add(points=1)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    judge_silence(
        functions["keep_mask"],
        [((6, 5), p, fresh(rng)) for p in (0.2, 0.7, 0.0, 1.0)],
        lambda keep: read_mask(keep, (6, 5)),
    )
    return "no warning and nothing on stderr."


EXERCISE = Exercise("01_mask", "The keep mask", ("keep_mask",), (), tuple(checks.checks))
