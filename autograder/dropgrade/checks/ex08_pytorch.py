"""The checks of exercise 08_pytorch: a Dropout module that behaves in every corner of the library.

What a check sees comes from a scene that runs beside the learner's classes (`scenario`), and is judged here.
A learner who rewrites torch in their own process could make up what a scene says of bookkeeping: state_dict,
bytes kept, generators moved, gradcheck's word, the guard. Masks, outputs and gradients can only be made up
by computing masks, outputs and gradients that stand up to the same tests.
"""

from dataclasses import replace

import numpy as np

from dropgrade.checks import pytorch_manners
from dropgrade.checks.calling import shorten
from dropgrade.checks.common import signed
from dropgrade.checks.masks import ALPHA, FALSE_ALARM, judge_count, judge_entries, judge_rate, judge_rows
from dropgrade.checks.patterns import SHAPE, settled_rate
from dropgrade.checks.pytorch_views import (
    BOTH,
    FUNCTION,
    LAYER,
    SMALL,
    Draws,
    Rate,
    Told,
    judge_gradient,
    name_repetition,
    new_seed,
    pair,
    passes,
    read,
    stage,
)
from dropgrade.checks.reading import common_factor, judge_factors, name_factor, percent
from dropgrade.checks.statistics import agreement, strays
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions

checks = Checklist()
CLOSE = 1e-5
"""Relative error forgiven in float32, a hundred times its rounding: room for any order of operations."""


@checks.add(
    points=2, false_alarm=FALSE_ALARM, catches="a rate off by 0.02 at p = 0.2, in 99 of 100 runs", uses=LAYER
)
def drops_at_rate(functions: Functions, rng: np.random.Generator) -> str:
    """In training each entry is dropped with probability p: 0.2, 0.7 or 0.01."""
    return judge_rate(Draws(functions), rng, ((0.2, (200, 150)), (0.7, (200, 150)), (0.01, (300, 400))))


@checks.add(
    points=2,
    false_alarm=3 * FALSE_ALARM,
    catches="rows, columns or neighbours that go together, each time",
    uses=LAYER,
)
def entries_are_independent(functions: Functions, rng: np.random.Generator) -> str:
    """Each entry of a tensor has a draw of its own."""
    draw = Draws(functions)
    judge_rows(draw, rng)
    judge_entries(draw, rng)
    try:
        judge_count(draw, rng)
    except Failed as failure:
        if failure.diagnosis == "frozen_mask":
            failure.diagnosis = name_repetition(functions, rng)
        raise
    return "rows, columns, neighbours and counts show no pattern."


@checks.add(points=1, false_alarm=ALPHA, catches="a mask that is used twice, each time", uses=LAYER)
def each_call_draws_anew(functions: Functions, rng: np.random.Generator) -> str:
    """Two calls of one layer draw two unrelated masks."""
    first, second = Draws(functions).many(SHAPE, 0.5, [rng], calls=2)
    usual = agreement(settled_rate(first, 0.5))
    agree = int((first == second).sum())
    if strays(agree, first.size, usual, ALPHA):
        raise Failed(
            f"At p = 0.5 two calls should agree in about {percent(usual)} of the entries; yours agree in "
            f"{percent(agree / first.size)}.",
            name_repetition(functions, rng) if agree > 0.9 * first.size else None,
        )
    return "a new mask for each call."


@checks.add(points=2, uses=LAYER)
def generator_decides(functions: Functions, rng: np.random.Generator) -> str:
    """A generator given to the layer decides its masks and nothing else moves; without one torch's own does.

    A hostile process could deny that it moved a global generator; it could not repeat a mask it did not keep.
    """
    seen = stage(functions, "drawing", new_seed(rng), SMALL, given=(Told("ones"), Rate(0.5)))
    masks = {name: read(value, SMALL, "y") != 0 for name, value in seen.items() if isinstance(value, dict)}
    if masks["first"].all() or not masks["first"].any():
        raise Failed("At p = 0.5 about half of the entries should be dropped, not all or none.", "wrong_rate")
    if seen["moved"]:
        raise Failed(f"A layer with a generator of its own moved {seen['moved'][0]}.", "global_rng")
    if np.array_equal(masks["first"], masks["other"]):
        raise Failed("Generators with different seeds give the same mask.", name_repetition(functions, rng))
    if not seen["used"] or not np.array_equal(masks["first"], masks["again"]):
        raise Failed("Two generators in the same state should give the same mask; yours differ.", "own_rng")
    if not np.array_equal(masks["plain"], masks["plain again"]):
        raise Failed("Without a generator, torch.manual_seed should decide the mask; it does not.", "own_rng")
    if np.array_equal(masks["plain"], masks["plain later"]):
        raise Failed("Without a generator, two calls give the same mask.", name_repetition(functions, rng))
    return "its own generator if it has one, torch's if not."


@checks.add(points=1, catches="a factor that is off by 0.001 %, each time", uses=LAYER)
def kept_are_rescaled(functions: Functions, rng: np.random.Generator) -> str:
    """In training what is kept is x / (1 - p), and p is 0.5 where nothing is said."""
    found, names = {}, []
    for p in (0.2, 0.7):
        x, _ = pair(rng, SMALL)
        y, _ = passes(functions, x, p, rng, dtype="float64")
        kept = y != 0
        if not kept.any():
            raise Failed(f"At p = {p:g} every entry of y is zero.", "wrong_rate")
        found[p] = common_factor(y[kept], x[kept])
        names.append(name_factor(found[p], p, x, kept))
    judge_factors(found, names)
    cases = [{"x": np.ones(SMALL), "seed": new_seed(rng)} | rate for rate in ({}, {"p": 0.5})]
    seen = stage(functions, "outputs", cases, given=(Told("ones"), Told("no p")))
    default, half = (np.unique(read(one["y"], SMALL, "y")) for one in seen)
    if not np.array_equal(default, half):
        raise Failed("Dropout() should do what Dropout(p=0.5) does; it does not.", "wrong_rate")
    return "what is kept has the right size at p = 0.2 and at p = 0.7."


@checks.add(points=1, uses=LAYER)
def same_in_evaluation(functions: Functions, rng: np.random.Generator) -> str:
    """In evaluation y equals x and dx equals dy, for every p."""
    for p in (0.2, 0.5, 0.0, 1.0):
        x, dy = pair(rng, SMALL)
        y, dx = passes(functions, x, p, rng, dy, eval=True)
        if not np.array_equal(y, x):
            drops = bool((y == 0).any())
            swapped = drops and p in (0.2, 0.5) and (passes(functions, x, p, rng)[0] != 0).all()
            raise Failed(
                f"In evaluation y should equal x; at p = {p:g} {percent((y == 0).mean())} of it is zero"
                f"{'' if drops else ', and the rest has another size'}.",
                "modes_swapped" if swapped else "drops_in_eval" if drops else "scaled_in_eval",
            )
        if not np.array_equal(dx, dy):
            raise Failed(
                f"In evaluation dx should equal dy; at p = {p:g} it does not.", "gradient_rescaled_in_eval"
            )
    return "four rates, value for value."


@checks.add(points=1, uses=LAYER)
def evaluation_draws_nothing(functions: Functions, rng: np.random.Generator) -> str:
    """Evaluation uses up no random numbers, neither the layer's nor anybody's.

    What moved is the word of the learner's process.
    """
    seen = stage(functions, "evaluation", new_seed(rng), given=(Told("ones in evaluation"), Rate(0.5)))
    if seen["moved"]:
        raise Failed(f"A call in evaluation moved {seen['moved'][0]}.", "draws_in_eval")
    return "every generator is where it was."


@checks.add(points=1, false_alarm=2 * 0.5**2000, uses=LAYER)
def follows_its_mode(functions: Functions, rng: np.random.Generator) -> str:
    """train() and eval() of the model around it switch the layer, and nothing else does."""
    seen = stage(functions, "evaluation", new_seed(rng), given=(Told("ones"), Rate(0.5)))
    for name, drops in (
        ("child in evaluation", False),
        ("child in training", True),
        ("without gradients", True),
    ):
        y = read(seen[name], SMALL, "y")
        if bool((y == 0).any()) != drops:
            where = "in training under torch.no_grad()" if name == "without gradients" else f"as a {name}"
            raise Failed(
                f"The layer {where} should {'drop' if drops else 'let everything through'}; it does not.",
                "mode_taken_elsewhere",
            )
    return "the model's mode, and only that."


@checks.add(points=2, false_alarm=2 * ALPHA, catches="a gradient off by 0.001 %, each time", uses=LAYER)
def gradient_has_the_same_mask(functions: Functions, rng: np.random.Generator) -> str:
    """dx is dy / (1 - p) where x was kept and 0 elsewhere, also after another call and where x is zero."""
    for p in (0.3, 0.6):
        x, dy = pair(rng, SMALL)
        y, dx = passes(functions, x, p, rng, dy)
        judge_gradient(x, y, dy, dx, p)
        _, at_zero = passes(functions, 0 * x, p, rng, dy)
        passed = int((at_zero != 0).sum())
        if strays(passed, x.size, settled_rate(y != 0, 1 - p), ALPHA):
            raise Failed(
                f"A zero in x that is kept has a gradient too; at p = {p:g} {percent(passed / x.size)} of "
                "the zeros have one.",
                "mask_guessed_from_values",
            )
    return "one mask for both passes."


@checks.add(points=2, uses=FUNCTION)
def function_applies_the_mask(functions: Functions, rng: np.random.Generator) -> str:
    """DropoutFunction.apply(x, keep, p) gives x / (1 - p) where keep is True and 0 elsewhere; dx likewise."""
    for case, seen in hand_over(functions, rng, (0.2, 0.7, 0.45)):
        x, keep, p = case["x"], case["keep"], case["p"]
        y = read(seen["y"], SMALL, "y")
        if not np.array_equal(y != 0, keep):
            swapped = np.array_equal(y == 0, keep)
            raise Failed(
                f"At p = {p:g} y should be zero where keep is False, and only there.",
                "keep_drop_swapped" if swapped else "mask_not_applied",
            )
        factor = common_factor(y[keep], x[keep])
        if name := name_factor(factor, p, x, keep):
            raise Failed(f"At p = {p:g} what is kept should come out {1 / (1 - p):.4g} times as large.", name)
        judge_gradient(x, y, case["dy"], read(seen["dx"], SMALL, "dx"), p)
        if not np.array_equal(seen["keep"], keep):
            raise Failed("keep should be left as it was.", "input_changed_in_place")
    return "three masks, value for value."


def hand_over(functions: Functions, rng: np.random.Generator, rates: tuple[float, ...]):
    """Cases for DropoutFunction at some p with what came of each."""
    cases = []
    for p in rates:
        x, dy = pair(rng, SMALL)
        cases.append({"x": x, "dy": dy, "v": signed(rng, SMALL), "keep": rng.random(SMALL) >= p, "p": p})
    given = (Told(f"tensors of shape {SMALL}"), *map(Rate, rates))
    return zip(cases, stage(functions, "by_hand", cases, of=FUNCTION, given=given), strict=True)


@checks.add(points=1, uses=BOTH)
def differentiable_twice(functions: Functions, rng: np.random.Generator) -> str:
    """dx can itself be differentiated along dy: that of DropoutFunction, and that of the layer."""
    for case, seen in hand_over(functions, rng, (0.3,)):
        right = case["v"] * read(seen["dx"], SMALL, "dx") / case["dy"]
        told = seen["twice"]
        if told.get("kind") != "tensor" or not np.allclose(read(told, SMALL, "the slope"), right, rtol=CLOSE):
            raise Failed(
                "dx is a multiple of dy, entry by entry, and should know it.", "not_differentiable_twice"
            )
    seen = gradcheck(functions, rng)
    if seen["gradgradcheck"] and not seen["gradcheck"]:
        raise Failed(
            f"gradgradcheck of the layer says: {shorten(seen['gradgradcheck'], 60)}",
            "not_differentiable_twice",
        )
    return "the slope of dx along dy is right."


@checks.add(points=1, seconds=30.0, uses=LAYER)
def passes_gradcheck(functions: Functions, rng: np.random.Generator) -> str:
    """torch.autograd.gradcheck accepts the layer, its generator put back before each call, in float64.

    Its word comes from the learner's process; the gradient itself is judged by other checks.
    """
    seen = gradcheck(functions, rng)
    if not seen["joined"]:
        raise Failed("y does not know that it depends on x, so there is nothing to check.", "graph_is_cut")
    if seen["gradcheck"]:
        raise Failed(f"gradcheck says: {shorten(seen['gradcheck'], 60)}", "fails_gradcheck")
    told = stage(functions, "advice", 0.4, given=(Told("ones"), Rate(0.4)))
    return f"accepted. Not graded: {shorten(str(told), 300)}."


def gradcheck(functions: Functions, rng: np.random.Generator) -> dict:
    given = (Told("a float64 tensor of shape (4, 5)"), Rate(0.4))
    return stage(functions, "checked", signed(rng, (4, 5)), 0.4, new_seed(rng), given=given)


PATIENCE = 15.0
"""Seconds for a check that a quiet machine does in one at most: torch loads parts of itself at first use."""
EXERCISE = Exercise(
    "08_pytorch",
    "A Dropout module for PyTorch",
    ("Dropout", "DropoutFunction"),
    (),
    tuple(
        replace(c, seconds=max(c.seconds, PATIENCE)) for c in (*checks.checks, *pytorch_manners.checks.checks)
    ),
)
