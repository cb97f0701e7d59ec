"""Checks of 08_pytorch, second part: corners, good manners, and what the layer is for.

As in `ex08_pytorch` scenes see and checks judge; what a hostile process could make up stands with each check.
"""

import numpy as np

from dropgrade.checks.calling import listening
from dropgrade.checks.common import BAD_P, in_place, judge_nonfinite, with_nonfinite
from dropgrade.checks.masks import FALSE_ALARM, judge_rate
from dropgrade.checks.pytorch_views import (
    BOTH,
    LAYER,
    NARROW,
    SMALL,
    Draws,
    Rate,
    Told,
    new_seed,
    pair,
    passes,
    read,
    stage,
)
from dropgrade.checks.verdicts import Checklist, Failed, Functions

checks = Checklist()


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
        kept = y != 0
        factors = y[kept] / read(seen["x"], SMALL, "x")[kept]
        usual = 1.0 if np.allclose(factors, 1) else 1 / 0.7  # no scale at all is another check's business
        if np.abs(factors / usual - 1).max(initial=0) > 2 * NARROW[dtype]:
            raise Failed(f"In {dtype} what is kept should be x / (1 - p) up to rounding.", "wrong_scale")
    return "four dtypes, and autocast."


@checks.add(
    points=1, false_alarm=2 * FALSE_ALARM, catches="a uniform drawn in 11 bits, in 99 of 100 runs", uses=LAYER
)
def rate_in_half_precision(functions: Functions, rng: np.random.Generator) -> str:
    """float16 and bfloat16 tensors are dropped at the same rate as others, also at p = 0.001."""
    for dtype in ("float16", "bfloat16"):
        judge_rate(Draws(functions, dtype), rng, ((0.001, (512, 1024)),))
    return "the rate holds at p = 0.001 in both."


@checks.add(points=1, uses=LAYER)
def any_layout(functions: Functions, rng: np.random.Generator) -> str:
    """Transposed, strided, expanded, empty and 0-d tensors will do."""
    for name, seen in layouts(functions, rng).items():
        x = np.asarray(seen["x"]["values"])
        y, again = (read(seen[key], x.shape, f"y for {name}") for key in ("y", "y again"))
        dx = read(seen["dx"], x.shape, f"dx for {name}")
        if not (in_place(y, x) and in_place(again, x)):
            raise Failed(f"For {name} the entries of y do not stand where they stood in x.")
        if not np.array_equal(dx != 0, again != 0):
            raise Failed(f"For {name} dx should be zero where y is, and only there.", name_passage(again, dx))
        if "expanded" in name and not y.all() and np.all(y == y[:, :1]):
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


def name_passage(y: np.ndarray, dx: np.ndarray) -> str:
    """Why dx is zero elsewhere than y."""
    return "gradient_ignores_mask" if dx.all() and not y.all() else "new_mask_in_backward"


def layouts(functions: Functions, rng: np.random.Generator) -> dict:
    base, _ = pair(rng, (8, 6))
    return stage(functions, "layouts", base, new_seed(rng), given=(Told("views of a tensor"), Rate(0.5)))


@checks.add(points=1, uses=LAYER)
def nothing_is_added(functions: Functions, rng: np.random.Generator) -> str:
    """The layer has no parameters and no buffers, and a model's state_dict is the same with it or without.

    The names come from the learner's process.
    """
    given = (Told("five inputs of a small model"), Rate(0.5))
    seen = stage(functions, "bookkeeping", new_seed(rng), given=given)
    for place in ("state_dict", "parameters", "buffers"):
        if seen[place]:
            raise Failed(f"The layer adds {str(seen[place][0])[:40]} to the {place}.", "adds_to_state_dict")
    return "a checkpoint does not notice the layer."


@checks.add(points=1, uses=LAYER)
def no_mask_is_kept(functions: Functions, rng: np.random.Generator) -> str:
    """When x and y are gone no tensor of their size is left.

    The count comes from the learner's process.
    """
    if stage(functions, "left_over", new_seed(rng), given=(Told("a vector of ones"), Rate(0.5))):
        raise Failed("After x and y are gone, a tensor of their size is still there.", "mask_kept_on_module")
    return "nothing is left behind."


@checks.add(points=1, uses=BOTH)
def saves_one_byte(functions: Functions, rng: np.random.Generator) -> str:
    """Between the passes at most one byte for each number is kept, by the layer and by DropoutFunction.

    The bytes are counted in the learner's process.
    """
    count = 10_000 + int(rng.integers(1000))
    seen = stage(functions, "saved", count, of=BOTH, given=(Told("ones"), Rate(0.5)))
    for name, whose in (("layer", "Dropout"), ("function", "DropoutFunction")):
        if seen[name] > count + 512:
            raise Failed(
                f"For {count:,} numbers {whose} keeps {seen[name]:,} bytes until the backward pass; a bool "
                f"mask takes {count:,}.",
                "saves_more_than_the_mask",
            )
    return f"{seen['layer']:,} bytes for {count:,} numbers."


@checks.add(points=1, seconds=30.0, uses=LAYER)
def any_device(functions: Functions, rng: np.random.Generator) -> str:
    """y is where x is: on torch's "meta" device as well, whose tensors have a shape and no numbers."""
    seen = stage(functions, "elsewhere", given=(Told("a tensor on the meta device"), Rate(0.5)))
    for name, value in seen.items():
        if value.get("kind") != "tensor":
            raise Failed(f"y should be a tensor; it is of type {value.get('kind')}.", "wrong_return")
        if value["device"] != "meta":
            raise Failed(
                f"In {name} a tensor on the meta device ended up on {value['device']}.", "tied_to_a_device"
            )
        if tuple(value["shape"]) != (6, 7):
            raise Failed(f"In {name} the shape (6, 7) became {tuple(value['shape'])}.", "wrong_shape")
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
T_95 = {6: 2.571, 12: 2.201}
"""Student's t for a two-sided 95 % interval from so many pairs."""
PLAN = {"steps": 120, "batch": 64, "width": 128, "p": 0.5, "step size": 3e-3}
IMAGES, NOISE = 400, 0.5


@checks.add(
    points=2,
    false_alarm=2e-7,
    catches="a layer that does not help, in 95 of 100 runs",
    seconds=45.0,
    uses=LAYER,
)
def helps_a_model(functions: Functions, rng: np.random.Generator) -> str:
    """Networks with the layer learn better from noisy labels than twins without: a 95 % interval is above 0.

    Six pairs share images, labels of which half are random, first weights and batches; they are compared on
    unseen digits. Where six do not convince, six more are trained and all twelve judged. Each look lets a
    layer that does not help pass in one run of 40. Right layers gain ten points with a spread of three; a
    gain of 8 and a spread of 3.5 would still fail as seldom as stated (`tests/test_ex08_pytorch`).
    A hostile process can return any classes; it earns this check by classifying better than the other arm.
    """
    gains = np.empty(0)
    while gains.size < 2 * PAIRS:
        gains = np.append(gains, six_gains(functions, rng))
        low, high = interval(gains)
        found = f"{100 * gains.mean():+.1f} points, 95 % interval {100 * low:+.1f} to {100 * high:+.1f}"
        if low > 0:
            return f"the gain on unseen digits is {found}, over {gains.size} pairs."
    raise Failed(
        f"With your layer unseen digits should be recognised better; the gain is {found}, over {gains.size} "
        "pairs.",
        "no_gain",
    )


def interval(gains: np.ndarray) -> tuple[float, float]:
    """Student's 95 % interval for the mean of 6 or 12 gains."""
    half = T_95[gains.size] * gains.std(ddof=1) / gains.size**0.5
    return gains.mean() - half, gains.mean() + half


def six_gains(functions: Functions, rng: np.random.Generator) -> np.ndarray:
    """The gains of six pairs of networks that differ in the learner's layer alone."""
    from dropgrade.digits import load_digits

    digits = load_digits()
    chosen = rng.permutation(len(digits.train_images))[:IMAGES]
    random = rng.integers(10, size=(PAIRS, IMAGES))
    labels = np.where(rng.random((PAIRS, IMAGES)) < NOISE, random, digits.train_labels[chosen])
    data = {"images": digits.train_images[chosen], "labels": labels, "unseen": digits.test_images}
    plan = PLAN | {"seed": int(rng.integers(2**40))}
    classes = stage(functions, "training", data, plan, given=(Told("hidden units of a network"), Rate(0.5)))
    return compare(classes, digits.test_labels)


def compare(classes: dict[str, np.ndarray], labels: np.ndarray) -> np.ndarray:
    """How much more of the unseen images each network with the layer gets right than its twin: (pairs,)."""
    shares = []
    for name in ("without", "with"):
        given = np.asarray(classes[name])
        if given.shape != (PAIRS, len(labels)):
            raise Failed("The networks with your layer return something else than classes.", "wrong_shape")
        shares.append((given == labels).mean(axis=1))
    return shares[1] - shares[0]
