"""The checks of exercise 08_pytorch: a Dropout module that behaves in every corner of the library.

What a check sees comes from a scene that runs beside the learner's classes (`scenario`), and is judged here.
A learner who rewrites torch in their own process could make up what a scene says of bookkeeping: state_dict,
bytes kept, generators moved, gradcheck's word, the guard. Masks, outputs and gradients can only be made up
by computing masks, outputs and gradients that stand up to the same tests.
"""

import numpy as np

from dropgrade.checks.calling import listening, shorten
from dropgrade.checks.common import BAD_P, judge_nonfinite, signed, with_nonfinite
from dropgrade.checks.masks import ALPHA, FALSE_ALARM, judge_count, judge_entries, judge_rate, judge_rows
from dropgrade.checks.patterns import SHAPE, settled_rate
from dropgrade.checks.pytorch_views import (
    NARROW,
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
LAYER, FUNCTION, BOTH = ("Dropout",), ("DropoutFunction",), ("Dropout", "DropoutFunction")
SMALL = (40, 50)
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
    seen = stage(functions, "drawing", new_seed(rng), SMALL)
    masks = {name: read(value, SMALL, "y") != 0 for name, value in seen.items() if isinstance(value, dict)}
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
    """In training what is kept is x / (1 - p)."""
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
        right = np.where(case["keep"], case["v"] / 0.7, 0)
        told = seen["twice"]
        if told.get("kind") != "tensor" or not np.allclose(read(told, SMALL, "the slope"), right, rtol=CLOSE):
            raise Failed(
                "dx should depend on dy by 1 / (1 - p) or 0, and know it.", "not_differentiable_twice"
            )
    seen = gradcheck(functions, rng)
    if seen["gradgradcheck"] and not seen["gradcheck"]:
        raise Failed(
            f"gradgradcheck of the layer says: {shorten(seen['gradgradcheck'], 60)}",
            "not_differentiable_twice",
        )
    return "the slope of dx along dy is right."


@checks.add(points=1, uses=LAYER)
def passes_gradcheck(functions: Functions, rng: np.random.Generator) -> str:
    """torch.autograd.gradcheck accepts the layer, its generator put back before each call, in float64.

    Its word comes from the learner's process; the gradient itself is judged by other checks.
    """
    seen = gradcheck(functions, rng)
    if seen["gradcheck"]:
        raise Failed(f"gradcheck says: {shorten(seen['gradcheck'], 60)}", "fails_gradcheck")
    return f"accepted. Not graded: {'; '.join(seen['advice'])}."


def gradcheck(functions: Functions, rng: np.random.Generator) -> dict:
    given = (Told("a float64 tensor of shape (4, 5)"), Rate(0.4))
    return stage(functions, "checked", signed(rng, (4, 5)), 0.4, new_seed(rng), given=given)


@checks.add(points=2, uses=LAYER)
def edges_are_exact(functions: Functions, rng: np.random.Generator) -> str:
    """At p = 0 nothing changes; at p = 1 y and dx are zero, even where x or dy is inf or NaN."""
    x, dy = pair(rng, SMALL)
    y, dx = passes(functions, x, 0.0, rng, dy)
    if not np.array_equal(y, x) or not np.array_equal(dx, dy):
        raise Failed("At p = 0 y should equal x, and dx dy.", "edges_inexact")
    for a, b, wild in ((x, dy, False), (with_nonfinite(rng), with_nonfinite(rng), True)):
        y, dx = passes(functions, a, 1.0, rng, b)
        for name, values in (("y", y), ("dx", dx)):
            if not np.isfinite(values).all():
                where = "with inf and NaN " if wild else ""
                name_of = "multiplies_instead_of_selects" if wild else "p_one_divides_by_zero"
                raise Failed(f"At p = 1 {name} should be zero; {where}it holds inf or NaN.", name_of)
            if values.any():
                raise Failed(f"At p = 1 {name} should be zero; it is not.", "edges_inexact")
    return "nothing is lost at 0, and nothing left at 1."


@checks.add(points=1, false_alarm=8 * 0.5**200, uses=LAYER)
def nonfinite_is_dropped(functions: Functions, rng: np.random.Generator) -> str:
    """A dropped inf or NaN becomes 0, in x and in dy; a kept one stays."""
    x = with_nonfinite(rng)
    judge_nonfinite(x, passes(functions, x, 0.5, rng)[0], "y", "mask_not_applied")
    _, dx = passes(functions, np.ones(x.shape), 0.5, rng, x)
    judge_nonfinite(x, dx, "dx", "gradient_ignores_mask")
    return "what is dropped is zero, whatever it was."


@checks.add(points=1, uses=LAYER)
def dtypes_are_kept(functions: Functions, rng: np.random.Generator) -> str:
    """y and dx have x's dtype: float16, bfloat16, float32 or float64, and under autocast too."""
    x, dy = pair(rng, SMALL)
    plain = [{"dtype": dtype} for dtype in NARROW]
    cast = [{"dtype": dtype, "autocast": "bfloat16"} for dtype in ("float32", "bfloat16")]
    cases = [{"x": x, "dy": dy, "p": 0.3, "seed": new_seed(rng)} | one for one in plain + cast]
    given = (Told(f"tensors of the dtypes {', '.join(NARROW)}"), Rate(0.3))
    for case, seen in zip(cases, stage(functions, "outputs", cases, given=given), strict=True):
        dtype, where = case["dtype"], " under autocast" if "autocast" in case else ""
        y = read(seen["y"], SMALL, f"y of a {dtype} tensor{where}", dtype)
        read(seen["dx"], SMALL, f"dx of a {dtype} tensor{where}", dtype)
        kept, right = y != 0, read(seen["x"], SMALL, "x") / 0.7
        if np.abs(y[kept] / right[kept] - 1).max(initial=0) > 2 * NARROW[dtype]:
            raise Failed(f"In {dtype} what is kept should be x / (1 - p) up to rounding.", "wrong_scale")
    return "four dtypes, and autocast."


@checks.add(
    points=1, false_alarm=2 * FALSE_ALARM, catches="a uniform drawn in 11 bits, in 99 of 100 runs", uses=LAYER
)
def rate_in_half_precision(functions: Functions, rng: np.random.Generator) -> str:
    """float16 and bfloat16 tensors are dropped at the same rate as others, also at p = 0.001."""
    for dtype in ("float16", "bfloat16"):
        judge_rate(Draws(functions, dtype), rng, ((0.001, (512, 512)),))
    return "the rate holds at p = 0.001 in both."


@checks.add(points=1, uses=LAYER)
def any_layout(functions: Functions, rng: np.random.Generator) -> str:
    """Transposed, strided, expanded, empty and 0-d tensors will do."""
    for name, seen in layouts(functions, rng).items():
        x = np.asarray(seen["x"]["values"])
        y, again = (read(seen[key], x.shape, f"y for {name}") for key in ("y", "y again"))
        dx = read(seen["dx"], x.shape, f"dx for {name}")
        if not all(np.allclose(one, np.where(one != 0, 2 * x, 0), rtol=CLOSE) for one in (y, again)):
            raise Failed(f"For {name} y should be 2 x or 0 at p = 0.5; it is not.", "wrong_scale")
        if not np.allclose(dx, again / x, rtol=CLOSE):
            raise Failed(
                f"For {name} dx should be zero where y is, and 2 dy elsewhere.", "new_mask_in_backward"
            )
        if "expanded" in name and np.all(y == y[:, :1]):
            raise Failed(f"Of {name} each entry should have a draw of its own.", "one_mask_per_row")
    return "seven layouts, forward and backward."


@checks.add(points=1, uses=LAYER)
def input_unchanged(functions: Functions, rng: np.random.Generator) -> str:
    """x is left as it was."""
    for name, seen in layouts(functions, rng).items():
        if not seen["left alone"]:
            raise Failed(
                f"x should be left as it was; the call with {name} changed it.", "input_changed_in_place"
            )
    return "x is what it was."


def layouts(functions: Functions, rng: np.random.Generator) -> dict:
    base, _ = pair(rng, (8, 6))
    return stage(functions, "layouts", base, new_seed(rng), given=(Told("views of a tensor"), Rate(0.5)))


@checks.add(points=1, uses=LAYER)
def nothing_is_added(functions: Functions, rng: np.random.Generator) -> str:
    """The layer has no parameters and no buffers, and a model's state_dict is the same with it or without.

    The names come from the learner's process.
    """
    seen = stage(functions, "bookkeeping", int(rng.integers(2**31)))
    for place in ("state_dict", "parameters", "buffers"):
        if seen[place]:
            raise Failed(f"The layer adds {str(seen[place][0])[:40]} to the {place}.", "adds_to_state_dict")
    return "a checkpoint does not notice the layer."


@checks.add(points=1, uses=LAYER)
def no_mask_is_kept(functions: Functions, rng: np.random.Generator) -> str:
    """When x and y are gone no tensor of their size is left.

    The count comes from the learner's process.
    """
    seen = stage(functions, "bookkeeping", int(rng.integers(2**31)))
    if seen["kept"]:
        raise Failed("After x and y are gone, a tensor of their size is still there.", "mask_kept_on_module")
    return "nothing is left behind."


@checks.add(points=1, uses=BOTH)
def saves_one_byte(functions: Functions, rng: np.random.Generator) -> str:
    """Between the passes at most one byte for each number is kept, by the layer and by DropoutFunction.

    The bytes are counted in the learner's process.
    """
    count = 10_000 + int(rng.integers(1000))
    seen = stage(functions, "saved", count, of=BOTH)
    for name, whose in (("layer", "Dropout"), ("function", "DropoutFunction")):
        if seen[name] > count + 512:
            raise Failed(
                f"For {count:,} numbers {whose} keeps {seen[name]:,} bytes until the backward pass; a bool "
                f"mask takes {count:,}.",
                "saves_more_than_the_mask",
            )
    return f"{seen['layer']:,} bytes for {count:,} numbers."


@checks.add(points=1, uses=LAYER)
def any_device(functions: Functions, rng: np.random.Generator) -> str:
    """y is where x is: on torch's "meta" device as well, whose tensors have a shape and no numbers."""
    seen = stage(functions, "elsewhere", given=(Told("a tensor on the meta device"), Rate(0.5)))
    for name, value in seen.items():
        if value.get("kind") != "tensor" or tuple(value["shape"]) != (6, 7) or value["device"] != "meta":
            where = value.get("device", value.get("kind"))
            raise Failed(f"In {name} a tensor on the meta device ended up on {where}.", "tied_to_a_device")
    return "the layer goes where its input is."


@checks.add(points=1, uses=LAYER)
def rejects_bad_p(functions: Functions, rng: np.random.Generator) -> str:
    """Dropout(p) raises ValueError for a p outside [0, 1], and for NaN."""
    found = stage(functions, "refusals", [0.0, 0.5, 1.0, *BAD_P], given=(Told("p"),))
    for p, name in zip((0.0, 0.5, 1.0), found, strict=False):
        if name:
            raise Failed(f"Dropout({p:g}) raises {name}, and is legal.", "p_edges_rejected")
    for p, name in zip(BAD_P, found[3:], strict=True):
        if not name:
            others = all(found[3:-1]) and np.isnan(p)
            raise Failed(
                f"Dropout({p:.7g}) should raise ValueError; nothing happens.",
                "nan_not_rejected" if others else "p_not_validated",
            )
        if name != "ValueError":
            raise Failed(f"Dropout({p:.7g}) should raise ValueError; it raises {name}.", "raises_wrong_error")
    return "each p outside [0, 1] raises ValueError, and so does NaN."


@checks.add(points=1, uses=LAYER)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal calls set off no warning and write nothing to stderr."""
    for p in (0.0, 0.3, 1.0):
        x, dy = pair(rng, SMALL)
        for dtype in NARROW:
            with listening() as noise:
                passes(functions, x, p, rng, dy, dtype=dtype)
                passes(functions, x, p, rng, dy, dtype=dtype, eval=True)
            if noise.first():
                raise Failed(f"The layer should be silent; at p = {p:g} it said: {noise.first()}.", "noisy")
    return "not a word."


PAIRS = 6
T_95 = 2.571
"""Student's t for a two-sided 95 % interval with PAIRS - 1 degrees of freedom."""
PLAN = {"steps": 120, "batch": 64, "width": 128, "p": 0.5, "step size": 3e-3}
IMAGES, NOISE = 400, 0.5


@checks.add(
    points=2,
    false_alarm=1e-7,
    catches="a layer that does not help, in 97 of 100 runs",
    seconds=20.0,
    uses=LAYER,
)
def helps_a_model(functions: Functions, rng: np.random.Generator) -> str:
    """Networks with the layer learn better from noisy labels than twins without: a 95 % interval is above 0.

    Six pairs share images, labels of which half are random, first weights and batches; they are compared on
    unseen digits. Over 300 runs of right answers the lower end was never near 0 (`tests/test_ex08_pytorch`).
    A hostile process can return any classes; it earns this check by classifying better than the other arm.
    """
    from dropgrade.digits import load_digits

    digits = load_digits()
    chosen = rng.permutation(len(digits.train_images))[:IMAGES]
    random = rng.integers(10, size=(PAIRS, IMAGES))
    labels = np.where(rng.random((PAIRS, IMAGES)) < NOISE, random, digits.train_labels[chosen])
    data = {"images": digits.train_images[chosen], "labels": labels, "unseen": digits.test_images}
    plan = PLAN | {"seed": int(rng.integers(2**40))}
    classes = stage(functions, "training", data, plan, given=(Told("hidden units of a network"), Rate(0.5)))
    gain = compare(classes, digits.test_labels)
    mean, half = gain.mean(), T_95 * gain.std(ddof=1) / PAIRS**0.5
    found = (
        f"{100 * mean:+.1f} points, 95 % interval {100 * (mean - half):+.1f} to {100 * (mean + half):+.1f}"
    )
    if not mean - half > 0:
        raise Failed(
            f"With your layer unseen digits should be recognised better; the gain is {found}.", "no_gain"
        )
    return f"the gain on unseen digits is {found}, over {PAIRS} pairs."


def compare(classes: dict[str, np.ndarray], labels: np.ndarray) -> np.ndarray:
    """How much more of the unseen images each network with the layer gets right than its twin: (pairs,)."""
    shares = []
    for name in ("without", "with"):
        given = np.asarray(classes[name])
        if given.shape != (PAIRS, len(labels)):
            raise Failed("The networks with your layer return something else than classes.", "wrong_shape")
        shares.append((given == labels).mean(axis=1))
    return shares[1] - shares[0]


EXERCISE = Exercise(
    "08_pytorch", "A Dropout module for PyTorch", ("Dropout", "DropoutFunction"), (), tuple(checks.checks)
)
