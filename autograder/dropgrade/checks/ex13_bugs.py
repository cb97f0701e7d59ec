"""The checks of exercise 13_bugs: thirteen broken functions, each to be repaired and otherwise left as it is.

A check first asks whether the bug is gone, on inputs that show it, and then whether what was right before
still is. The broken function itself is a wrong answer and has to fail with the bug's own name. Here are
wrong numbers, in `bugs_chance` wrong masks, in `bugs_modes` wrong modes.
"""

import numpy as np

from dropgrade.checks import bugs_chance, bugs_modes
from dropgrade.checks.calling import listening
from dropgrade.checks.clinic import (
    ALPHA,
    RATE_CAUGHT,
    SHAPE,
    harm,
    judge_dtype_kept,
    judge_inputs,
    judge_source,
    near,
    read_dropped,
    twins,
)
from dropgrade.checks.common import signed, with_nonfinite
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import name_of, read_array
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.reference import repairs

checks = Checklist()


@checks.add(points=2, false_alarm=2 * ALPHA, catches=RATE_CAUGHT, uses=("classic_dropout",))
def evaluation_shrinks_by_the_keep_probability(functions: Functions, rng: np.random.Generator) -> str:
    """classic_dropout multiplies by 1 - p in evaluation, and neither enlarges nor shrinks in training."""
    classic = functions["classic_dropout"]
    for p in (0.2, 0.7):
        x = signed(rng, SHAPE)
        before, theirs = x.copy(), fresh(rng)
        state = theirs.bit_generator.state
        y = read_array(classic(x, p, False, theirs), SHAPE, "The output in evaluation")
        if not near(y, x * (1 - p)).all():
            factor = y.flat[0] / x.flat[0]
            raise Failed(
                f"In evaluation at p = {p:g} each entry should be multiplied by {1 - p:g}; it is "
                f"multiplied by {factor:.4g}.",
                "eval_scaled_by_p" if near(y, x * p).all() else "repair_changes_more",
            )
        if theirs.bit_generator.state != state:
            raise harm("In evaluation classic_dropout should draw nothing; it uses up random numbers.")
        once, again, other = (
            read_dropped(classic(x, p, True, one), x, p, "the output in training", scale=1.0)
            for one in twins(rng)
        )
        judge_source(once, again, other, "The mask")
        judge_inputs({"x": x}, {"x": before})
    return "the mean is the same in both modes at p = 0.2 and at p = 0.7."


@checks.add(points=2, catches="a test that a rate 0.05 off passes, each time", uses=("rate_is_right",))
def the_test_can_fail(functions: Functions, rng: np.random.Generator) -> str:
    """rate_is_right accepts what chance explains at rate p, and refuses 1 - p and a rate 0.05 off."""
    test = functions["rate_is_right"]
    for p in (0.1, 0.3, 0.45, 0.55, 0.8):
        for n in (10_000, 40_000):
            error = np.sqrt(p * (1 - p) / n)
            wrong = {1 - p: "test_cannot_fail", p + 0.05: "test_cannot_fail", p - 0.05: "test_cannot_fail"}
            right = {p: "repair_changes_more", p + 3.9 * error: None, p - 3.9 * error: None}
            for share, diagnosis in (wrong | right).items():
                keep = rng.permutation(np.arange(n) >= round(share * n))
                verdict = test(keep.copy(), p)
                if not isinstance(verdict, bool | np.bool_):
                    raise Failed(
                        f"rate_is_right should return True or False; it is {name_of(verdict)}.",
                        "wrong_return",
                    )
                if bool(verdict) != (share in right):
                    word = "should accept" if share in right else "should refuse"
                    raise Failed(
                        f"At p = {p:g} the test {word} a mask of {n:,} entries of which {100 * share:.4g} % "
                        "are dropped; it does not.",
                        diagnosis or "repair_changes_more",
                    )
    return "right masks pass; swapped ones and those 0.05 off do not."


@checks.add(points=2, catches="one wrong entry, each time", uses=("gradient",))
def gradient_asks_the_mask(functions: Functions, rng: np.random.Generator) -> str:
    """gradient is dy / (1 - p) where keep is True and 0 elsewhere, also where x is zero by itself."""
    for p, dtype in ((0.3, np.float64), (0.6, np.float32), (1.0, np.float64)):
        x = np.maximum(signed(rng, SHAPE), 0).astype(dtype)  # what a ReLU lets through: half of it is zero
        keep, dy = rng.random(SHAPE) >= p, signed(rng, SHAPE).astype(dtype)
        arrays = {"dy": dy, "x": x, "y": np.divide(x, 1 - p, out=np.zeros_like(x), where=keep), "keep": keep}
        before = {name: array.copy() for name, array in arrays.items()}
        with listening() as noise:
            dx = functions["gradient"](*arrays.values(), p)
        right = repairs.gradient(*before.values(), p)
        wrong = ~near(read_array(dx, SHAPE, "dx"), right)
        if wrong.any():
            at_zero = not (wrong & (x != 0)).any()
            raise Failed(
                f"At p = {p:g}, {wrong.sum()} of {wrong.size} entries of dx are wrong"
                + (", all of them where x is 0." if at_zero else "."),
                "gradient_from_values" if at_zero else "repair_changes_more",
            )
        judge_inputs(arrays, before)
        judge_dtype_kept(dx, np.dtype(dtype), "dx")
        if noise.first():
            raise harm(f"gradient should be silent; at p = {p:g} it said: {noise.first()}.")
    return "zeros of x are told from dropped entries."


@checks.add(points=2, false_alarm=2 * ALPHA, catches=RATE_CAUGHT, uses=("residual_block",))
def skip_branch_is_untouched(functions: Functions, rng: np.random.Generator) -> str:
    """residual_block returns x + dropout(x) and leaves x alone."""
    for p, dtype in ((0.3, np.float64), (0.6, np.float32)):
        x = signed(rng, SHAPE).astype(dtype)
        before = x.copy()
        y = functions["residual_block"](x, p, fresh(rng))
        found = read_array(y, SHAPE, "y")
        dropped_twice = (near(found, 0) | near(found, 2 * before / (1 - p))).all()
        if dropped_twice or not np.array_equal(x, before):
            what = (
                "x itself was changed" if not np.array_equal(x, before) else "the skip branch was dropped too"
            )
            raise Failed(f"y should be x + dropout(x), with x as it was; {what}.", "branch_overwritten")
        keep = ~near(found, before)
        read_dropped(np.where(keep, found - before, 0), before, p, "y - x")
        judge_dtype_kept(y, np.dtype(dtype), "y")
        masks = [near(functions["residual_block"](x.copy(), p, one), x) for one in twins(rng)]
        judge_source(*masks, "The mask")
    return "one branch is dropped, the other passes."


@checks.add(
    points=2, false_alarm=2 * ALPHA + 2 * 0.5**200, catches="a single NaN too many, each time", uses=("drop",)
)
def zeros_are_selected(functions: Functions, rng: np.random.Generator) -> str:
    """drop gives zeros at p = 1 and for a dropped inf or NaN, keeps what is kept, and is silent about it."""
    x = with_nonfinite(rng)
    with listening() as noise:
        everything = read_array(functions["drop"](x.copy(), 1.0, fresh(rng)), x.shape, "y at p = 1")
        half = read_array(functions["drop"](x.copy(), 0.5, fresh(rng)), x.shape, "y at p = 0.5")
        none = read_array(functions["drop"](x.copy(), 0.0, fresh(rng)), x.shape, "y at p = 0")
    if not np.array_equal(everything, np.zeros_like(x)):
        raise Failed(
            f"At p = 1 y should be all zeros; {np.isnan(everything).sum()} of {x.size} entries are NaN.",
            "zero_times_infinity" if np.isnan(everything).any() else "repair_changes_more",
        )
    if np.isnan(half[np.isinf(x)]).any() or np.isnan(half[np.isnan(x)]).all():
        raise Failed(
            "At p = 0.5 a dropped inf or NaN should become 0; it becomes NaN.", "zero_times_infinity"
        )
    broken = ~np.isfinite(x)
    if (
        not np.array_equal(none, x, equal_nan=True)
        or not np.isin(half[np.isinf(x)], (0, np.inf, -np.inf)).all()
    ):
        raise Failed("An inf or NaN that is kept should stay what it is.", "hides_nonfinite")
    if np.isfinite(half[broken]).all():
        raise Failed("An inf or NaN that is kept should stay what it is.", "hides_nonfinite")
    if noise.first():
        raise harm(f"drop should be silent; it said: {noise.first()}.")
    for p, dtype in ((0.3, np.float64), (0.6, np.float32)):
        x = signed(rng, SHAPE).astype(dtype)
        before = x.copy()
        outputs = [functions["drop"](x, p, one) for one in twins(rng)]
        masks = [read_array(y, SHAPE, "y") != 0 for y in outputs]
        read_dropped(outputs[0], before, p, "y")
        judge_source(*masks, "The mask")
        judge_inputs({"x": x}, {"x": before})
        judge_dtype_kept(outputs[0], np.dtype(dtype), "y")
    return "zeros at p = 1, zeros for what is dropped, everything else as it was."


EVERY = (*checks.checks, *bugs_chance.checks.checks, *bugs_modes.checks.checks)
EXERCISE = Exercise(
    "13_bugs", "Thirteen bugs", tuple(name for check in EVERY for name in check.uses), (), EVERY
)
