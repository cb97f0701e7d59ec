"""The checks of exercise 12_variants: five noises behind one interface, and the a and b of alpha dropout."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dropgrade.checks import contracts, masks
from dropgrade.checks.calling import listening
from dropgrade.checks.common import judge_bad_p, judge_dtype, judge_untouched, with_nonfinite
from dropgrade.checks.noises import (
    NoiseDrawing,
    call,
    draw_p,
    judge_alpha,
    judge_concrete,
    judge_drop_connect,
    judge_gaussian,
    judge_zoneout,
    result_shape,
    spread,
)
from dropgrade.checks.patterns import SHAPE, fresh
from dropgrade.checks.reading import close, name_of, percent, read_array
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.reference import noises

checks = Checklist()

NAMES = ("gaussian", "drop_connect", "alpha_dropout", "zoneout", "concrete")
ENTRYWISE = ("gaussian", "alpha_dropout", "zoneout", "concrete")
TEMPERATURES = (0.25, 0.8)
CONTRACT = "a mean off by 0.05 standard deviations, or a variance off by 15 %, in at least 999 of 1,000 runs"


def inputs_for(
    name: str, rng: np.random.Generator, p: float, dtype: str = "float64", t: float = 0.5
) -> tuple[Any, ...]:
    """Small inputs of a noise, up to p and the temperature."""
    x = spread(rng, (12, 10)).astype(dtype)
    if name == "drop_connect":
        return x, spread(rng, (10, 7)).astype(dtype), p
    if name == "zoneout":
        return x, spread(rng, (12, 10)).astype(dtype), p
    return (x, p, t) if name == "concrete" else (x, p)


def mean_of(name: str, inputs: tuple[Any, ...]) -> np.ndarray:
    """What evaluation should return."""
    if name == "drop_connect":
        return inputs[0] @ inputs[1]
    if name == "zoneout":
        old, new, p = inputs
        return p * old + (1 - p) * new
    return inputs[0]


@checks.add(points=1)
def returns_arrays(functions: Functions, rng: np.random.Generator) -> str:
    """Each noise returns one array of the right shape, and alpha_terms two numbers."""
    for name in NAMES:
        inputs = inputs_for(name, rng, 0.3)
        for training in (True, False):
            found = functions[name](*inputs, training, fresh(rng))
            read_array(found, result_shape(name, inputs), f"The result of {name}")
            if not isinstance(found, np.ndarray):
                raise Failed(f"{name} should return a NumPy array; it is {name_of(found)}.", "wrong_return")
    read_terms(functions, 0.3)
    return "five arrays and two numbers."


def read_terms(functions: Functions, p: float) -> tuple[float, float]:
    """The learner's a and b as floats; `Failed` if they are no two numbers."""
    found = functions["alpha_terms"](p)
    try:
        a, b = (float(value) for value in found)
    except (TypeError, ValueError):
        raise Failed(
            f"alpha_terms should return two numbers, (a, b); it returned {name_of(found)}.", "wrong_return"
        ) from None
    return a, b


@checks.add(points=2, false_alarm=2 * contracts.ALPHA, catches=CONTRACT, uses=("gaussian",))
def gaussian_contract(functions: Functions, rng: np.random.Generator) -> str:
    """gaussian has mean x and variance x**2 * p / (1 - p), and its noise is normal."""
    for p in draw_p(rng):
        judge_gaussian(functions, p, rng)
    return "mean, variance and distribution are those of the contract."


@checks.add(points=2, false_alarm=2 * contracts.ALPHA, catches=CONTRACT, uses=("drop_connect",))
def drop_connect_contract(functions: Functions, rng: np.random.Generator) -> str:
    """drop_connect has mean x @ w and variance x**2 @ w**2 * p / (1 - p)."""
    for p in draw_p(rng):
        judge_drop_connect(functions, p, rng)
    return "mean and variance are those of the contract."


@checks.add(
    points=2,
    false_alarm=2 * masks.FALSE_ALARM,
    catches="all weights of an input, an output or the batch sharing one draw, each time",
    uses=("drop_connect",),
)
def drop_connect_draws_each_weight(functions: Functions, rng: np.random.Generator) -> str:
    """drop_connect draws for each example and each weight by itself."""
    draw = NoiseDrawing(functions, "drop_connect")
    keep = draw(SHAPE, 0.5, fresh(rng)).reshape(SHAPE[0], 8, -1)
    for axis, idea, unit in (
        (2, "units_dropped_not_weights", "input"),
        (1, "outputs_dropped_not_weights", "output"),
    ):
        if np.all(keep == keep.take([0], axis=axis)):
            raise Failed(f"All weights of an {unit} are kept or dropped together.", idea)
    masks.judge_rows(draw, rng)
    masks.judge_entries(draw, rng)
    return "each example and each weight has a draw of its own."


@checks.add(points=2, catches="a or b off by 0.0001 %, each time", uses=("alpha_terms",))
def alpha_terms_are_right(functions: Functions, rng: np.random.Generator) -> str:
    """a and b give the mixture mean 0 and variance 1 if x has."""
    s = noises.SATURATION
    for p in (*draw_p(rng), 0.01, 0.0):
        a, b = read_terms(functions, p)
        right = noises.alpha_terms(p)
        if close(np.array([a]), right[0]) and abs(b - right[1]) <= 1e-6 * (1e-3 + abs(right[1])):
            continue
        mean, variance = a * p * s + b, a * a * (1 - p) * (1 + p * s * s)
        raise Failed(
            f"At p = {p:.2f} your a = {a:.4g} and b = {b:.4g} turn an x with mean 0 and variance 1 into a "
            f"result with mean {mean:.3g} and variance {variance:.3g}; 0 and 1 were expected.",
            name_terms(a, b, p),
        )
    return "mean 0 and variance 1 stay, at four p."


def name_terms(a: float, b: float, p: float) -> str:
    """Which misconception explains a and b."""
    s, q = noises.SATURATION, 1 - p
    right, mean_only = noises.alpha_terms(p)[0], -a * p * s

    def same(value: float, other: float) -> bool:
        return abs(value - other) <= 1e-5 * (1 + abs(other))

    if not np.isfinite([a, b]).all():
        return "wrong_terms"
    if same(a, 1 / right**2) or same(a, 1 / right):
        return "variance_not_inverted"
    if same(a, (q + p * s * s) ** -0.5):
        return "second_moment_for_variance"
    if same(a, right) and same(b, -mean_only):
        return "wrong_sign_of_b"
    if same(a, right) and same(b, -p * s):
        return "shift_not_scaled"
    swapped = (p * (1 + q * s * s)) ** -0.5 if p else np.inf
    if same(a, swapped):
        return "keep_drop_swapped"
    other = noises.SELU_ALPHA
    if same(a, (q * (1 + p * other * other)) ** -0.5):
        return "wrong_saturation"
    return "wrong_terms"


@checks.add(
    points=2, false_alarm=2 * contracts.ALPHA, catches=CONTRACT, uses=("alpha_terms", "alpha_dropout")
)
def alpha_contract(functions: Functions, rng: np.random.Generator) -> str:
    """alpha_dropout gives a * x + b where it keeps and a * s + b where it drops, with probability p."""
    for p in draw_p(rng):
        judge_alpha(functions, p, rng)
    return "values and rate are those of the contract."


@checks.add(points=2, false_alarm=2 * contracts.ALPHA, catches=CONTRACT, uses=("zoneout",))
def zoneout_contract(functions: Functions, rng: np.random.Generator) -> str:
    """zoneout keeps the old value with probability p and takes the new one otherwise."""
    for p in draw_p(rng):
        judge_zoneout(functions, p, rng)
    return "values and rate are those of the contract."


@checks.add(points=2, false_alarm=4 * contracts.ALPHA, catches=CONTRACT, uses=("concrete",))
def concrete_contract(functions: Functions, rng: np.random.Generator) -> str:
    """concrete has the distribution of the soft mask, at a low and at a high temperature."""
    for p in draw_p(rng):
        for t in TEMPERATURES:
            judge_concrete(functions, p, t, rng)
    return "mean, variance and distribution are those of the contract."


@checks.add(
    points=2,
    false_alarm=4 * len(ENTRYWISE) * masks.FALSE_ALARM,
    catches="neighbours, rows or calls that agree 7 points too often, in at least 999 of 1,000 runs",
    seconds=15,
    uses=ENTRYWISE,
)
def draws_each_entry(functions: Functions, rng: np.random.Generator) -> str:
    """Each entry has a draw of its own, and each call draws anew."""
    for name in ENTRYWISE:
        judge_noise(functions, name, rng)
        for judge in (masks.judge_rows, masks.judge_entries, masks.judge_count, masks.judge_calls):
            about(name, judge, NoiseDrawing(functions, name), rng)
    return "entries, rows and calls have nothing to do with one another."


def about(name: str, judge: Callable[..., str], *arguments: Any) -> None:
    """Run a judge; its message begins with the noise it is about."""
    try:
        judge(*arguments)
    except Failed as failure:
        raise Failed(f"{name}: {failure.message}", failure.diagnosis) from None


def judge_noise(functions: Functions, name: str, rng: np.random.Generator) -> None:
    """Is there any noise: do two generators give two results?"""
    inputs = inputs_for(name, rng, 0.5)
    first, second = (call(functions, name, inputs, True, rng) for _ in range(2))
    if np.array_equal(first, second, equal_nan=True):
        copies = any(np.array_equal(first, value) for value in (*inputs, np.full_like(first, first[0, 0])))
        mean = np.allclose(first, mean_of(name, inputs))
        raise Failed(
            f"At p = 0.5 two generators with different seeds should give two results; {name} gives the same.",
            "no_noise" if mean else None if copies else "reseeds_each_call",
        )


@checks.add(points=1, catches="any such case, in all but one of a billion runs", uses=NAMES)
def uses_given_rng(functions: Functions, rng: np.random.Generator) -> str:
    """The generator handed over decides the noise, and nothing else does."""
    for name in NAMES:
        judge_noise(functions, name, rng)
        about(name, masks.judge_rng, NoiseDrawing(functions, name), rng)
    return "the same seed gives the same noise, and no global state is touched."


@checks.add(points=2, uses=NAMES)
def evaluates_to_the_mean(functions: Functions, rng: np.random.Generator) -> str:
    """In evaluation each noise returns its mean: x, x @ w, or the average of old and new."""
    for name in NAMES:
        for p in draw_p(rng):
            inputs = inputs_for(name, rng, p)
            y, right = call(functions, name, inputs, False, rng), mean_of(name, inputs)
            if np.allclose(y, right, rtol=1e-6, atol=1e-9):
                continue
            again = call(functions, name, inputs, False, rng)
            ideas = "drops_in_eval" if not np.array_equal(y, again) else "scaled_in_eval"
            takes_one = name == "zoneout" and any(np.array_equal(y, inputs[i]) for i in (0, 1))
            raise Failed(
                f"In evaluation {name} should return its mean; at p = {p:.2f} "
                f"{percent((~np.isclose(y, right)).mean())} of the entries differ from it.",
                "eval_not_the_mean" if takes_one else ideas,
            )
    return "evaluation returns the mean, for all five."


@checks.add(points=1, uses=NAMES)
def eval_draws_nothing(functions: Functions, rng: np.random.Generator) -> str:
    """Evaluation draws nothing from rng."""
    for name in NAMES:
        theirs, inputs = fresh(rng), inputs_for(name, rng, 0.3)
        before = theirs.bit_generator.state
        found = functions[name](*inputs, False, theirs)
        read_array(found, result_shape(name, inputs), f"The result of {name}")
        if theirs.bit_generator.state != before:
            raise Failed(f"In evaluation {name} drew from rng.", "draws_in_eval")
    return "rng is where it was before."


@checks.add(points=1, uses=("alpha_dropout", "zoneout"))
def dropped_values_leave_no_trace(functions: Functions, rng: np.random.Generator) -> str:
    """An inf or NaN that alpha_dropout drops or zoneout does not take is gone."""
    x, finite = with_nonfinite(rng), spread(rng, (30, 20))
    bad = ~np.isfinite(x)
    for name, inputs, held in (
        ("alpha_dropout", (x, 0.5), None),
        ("zoneout", (finite, x, 0.5), finite),
        ("zoneout", (x, finite, 0.5), finite),
    ):
        y = call(functions, name, inputs, True, rng)
        clean = np.isfinite(y[bad]) if held is None else y[bad] == held[bad]
        made = int((np.isnan(y) & np.isinf(x)).sum())
        if made or not clean.any():
            raise Failed(
                f"{name} at p = 0.5 should leave no trace of an inf or NaN that it does not pick; {made} inf "
                f"turned into NaN, and {int((~clean).sum())} of {clean.size} entries are still inf or NaN.",
                "multiplies_instead_of_selects",
            )
        if clean.all():
            raise Failed(f"{name} should leave an inf or NaN that it picks as it is.", "hides_nonfinite")
    return "what is not picked leaves no trace."


@checks.add(points=1, uses=NAMES[:4])
def edges_are_exact(functions: Functions, rng: np.random.Generator) -> str:
    """p = 0 disturbs nothing; at p = 1 drop_connect gives zeros and zoneout the old state."""
    for name in ("gaussian", "drop_connect", "alpha_dropout", "zoneout"):
        inputs = inputs_for(name, rng, 0.0)
        y = call(functions, name, inputs, True, rng)
        if not np.allclose(y, mean_of(name, inputs), rtol=1e-6, atol=1e-9):
            raise Failed(f"At p = 0 {name} should disturb nothing; it does.", "disturbs_at_zero")
    x, w, _ = inputs_for("drop_connect", rng, 1.0)
    y = call(functions, "drop_connect", (x, w, 1.0), True, rng)
    if y.any():
        broken = not np.isfinite(y).all()
        raise Failed(
            "At p = 1 drop_connect should give zeros; it does not.",
            "p_one_divides_by_zero" if broken else "wrong_rate",
        )
    inputs = inputs_for("zoneout", rng, 1.0)
    if not np.array_equal(call(functions, "zoneout", inputs, True, rng), inputs[0]):
        raise Failed("At p = 1 zoneout should return the old state; it does not.", "zoneout_swapped")
    return "both edges are what the contract says."


@checks.add(points=1)
def refuses_bad_p(functions: Functions, rng: np.random.Generator) -> str:
    """A p for which the contract cannot hold raises ValueError; so does a temperature not above 0."""
    refused = {"gaussian": (1.0,), "alpha_dropout": (1.0,), "concrete": (0.0, 1.0)}
    for name in NAMES:
        for training, where in ((True, " in training"), (False, " in evaluation")):

            def arguments(p: float, name: str = name, training: bool = training) -> tuple[Any, ...]:
                return (*inputs_for(name, rng, p), training, fresh(rng))

            judge_bad_p(functions[name], arguments, where)
            judge_refused(functions, name, arguments, refused.get(name, ()), where)
    judge_bad_p(functions["alpha_terms"], lambda p: (p,))
    judge_refused(functions, "alpha_terms", lambda p: (p,), (1.0,), "")
    for t in (0.0, -0.5, float("nan")):
        error = functions["concrete"].error(*inputs_for("concrete", rng, 0.3, t=t), True, fresh(rng))
        if not isinstance(error, ValueError):
            raise Failed(f"concrete should raise ValueError at t = {t:g}.", "temperature_not_validated")
    return "what cannot hold is refused."


def judge_refused(
    functions: Functions, name: str, arguments: Callable[[float], tuple], edges: tuple[float, ...], where: str
) -> None:
    """Is each of these edges, at which no such noise exists, refused by ValueError?"""
    for p in edges:
        error = functions[name].error(*arguments(p))
        if not isinstance(error, ValueError):
            said = "accepts it" if error is None else f"raises {type(error).__name__}"
            raise Failed(
                f"p = {p:g}{where} should raise ValueError, since no {name} exists for it; yours {said}.",
                "impossible_edge_accepted",
            )


@checks.add(points=1, uses=NAMES)
def inputs_and_dtype_kept(functions: Functions, rng: np.random.Generator) -> str:
    """The inputs are left as they were, and float32 and float64 stay what they are."""
    for name in NAMES:
        for dtype in ("float32", "float64"):
            for training in (True, False):
                inputs = inputs_for(name, rng, 0.3, dtype)
                before = [np.copy(value) for value in inputs]
                y = functions[name](*inputs, training, fresh(rng))
                read_array(y, result_shape(name, inputs), f"The result of {name}")
                when = f"{name} {'in training' if training else 'in evaluation'}"
                for value, kept in zip(inputs, before, strict=True):
                    if isinstance(value, np.ndarray):
                        judge_untouched("An input", value, kept, when)
                judge_dtype("The result", y, np.dtype(dtype), f"from {when}")
    return "inputs are untouched, float32 and float64 are kept."


@checks.add(points=1, catches="an overflow at t = 0.001, each time", uses=NAMES)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    for name in NAMES:
        edges = (0.3,) if name == "concrete" else (0.0, 0.3)
        for p in edges + ((1.0,) if name in ("drop_connect", "zoneout") else ()):
            for training in (True, False):
                listen(functions, name, (*inputs_for(name, rng, p, t=0.001), training, fresh(rng)), p)
    return "no warning and nothing on stderr."


def listen(functions: Functions, name: str, arguments: tuple[Any, ...], p: float) -> None:
    """Is this call silent?"""
    with listening() as noise:
        found = functions[name](*arguments)
    read_array(found, result_shape(name, arguments), f"The result of {name}")
    if not noise.first():
        return
    if name == "concrete" and "overflow" in noise.first():
        raise Failed(
            f"concrete should be silent; at t = 0.001 it said: {noise.first()}.", "sigmoid_overflows"
        )
    zero = p == 1 and ("divide" in noise.first() or "invalid value" in noise.first())
    raise Failed(
        f"{name} should be silent; at p = {p:g} it said: {noise.first()}.",
        "p_one_divides_by_zero" if zero else "noisy",
    )


EXERCISE = Exercise(
    "12_variants",
    "One interface, several noises",
    ("gaussian", "drop_connect", "alpha_terms", "alpha_dropout", "zoneout", "concrete"),
    (),
    tuple(checks.checks),
)
