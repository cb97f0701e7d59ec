"""The checks of exercise 06_regulariser: dropout's penalty, exact or nearly so, and the descent to it."""

from typing import Any

import numpy as np

from dropgrade.checks import regulariser_draws
from dropgrade.checks import regulariser_names as names
from dropgrade.checks.calling import global_state, listening, shorten
from dropgrade.checks.common import judge_bad_p
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import CLOSE, name_of, percent, read_array
from dropgrade.checks.verdicts import Checklist, Exercise, Failed, Functions
from dropgrade.reference import regulariser

checks = Checklist()

LANDED = 0.25
"""Largest distance from the closed form, in units of its distance from least squares, that counts as landed.

Over 1,000 runs of the reference the distance was 0.007 on average, with a standard deviation of 0.005, and
never above 0.036: the limit is more than 40 standard deviations away.
"""


def some_p(rng: np.random.Generator) -> list[float]:
    """A drop probability below and one above 0.5, both well away from it and from the ends."""
    return [round(float(rng.uniform(low, low + 0.2)), 3) for low in (0.15, 0.6)]


def data(rng: np.random.Generator, n: int = 12, d: int = 4) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """w (d,), X (n, d) with columns of different sizes and means other than 0, and y (n,)."""
    X = rng.normal(size=(n, d)) * rng.uniform(0.5, 2, d) + rng.uniform(-1, 1, d)
    w = rng.uniform(0.5, 1.5, d) * rng.choice([-1.0, 1.0], d)
    return w, X, X @ w + rng.normal(size=n)


def number(value: Any, name: str) -> float:
    """A single number that a learner's function returned; an array of one entry will do."""
    one = np.asarray(value) if isinstance(value, np.ndarray | np.generic | int | float) else None
    if one is None or one.size != 1 or one.dtype.kind not in "iuf":
        raise Failed(f"{name} should return one real number; it returned {name_of(value)}.", "wrong_return")
    return float(one.reshape(()))


def vector(value: Any, d: int, name: str) -> np.ndarray:
    """A vector of d numbers that a learner's function returned."""
    return read_array(value, (d,), f"What {name} returns").astype(float)


def result(functions: Functions, name: str, *arguments: Any) -> np.ndarray | float:
    """What any of the functions returns, read as what it should be: one number, d numbers, or noisy X."""
    value, X = functions[name](*arguments), next(a for a in arguments if np.ndim(a) == 2)
    if name == "gaussian":
        return read_array(value, X.shape, "What gaussian returns")
    one = name in ("expected_loss", "penalty", "step_limit")
    return number(value, name) if one else vector(value, X.shape[1], name)


def near(found: np.ndarray | float, right: np.ndarray | float) -> bool:
    """Equal up to `CLOSE`, relative to the largest entry: sums may cancel."""
    return bool(np.max(np.abs(found - right)) <= CLOSE * np.max(np.abs(right)))


@checks.add(points=2, uses=("strengths",))
def strengths_match(functions: Functions, rng: np.random.Generator) -> str:
    """A weight's strength is p / (1 - p) times the mean square of its column."""
    for p in some_p(rng):
        _, X, _ = data(rng)
        found, right = (
            vector(functions["strengths"](X.copy(), p), 4, "strengths"),
            regulariser.strengths(X, p),
        )
        if not near(found, right):
            raise Failed(
                f"At p = {p:g} the strengths should be {right.round(3).tolist()}; yours are "
                f"{shorten(found.round(3).tolist())}.",
                names.recognise(found, names.wrong_strengths(X, p)),
            )
    if np.any(vector(functions["strengths"](X.copy(), 0.0), 4, "strengths") != 0):
        raise Failed("At p = 0 nothing is dropped, so all strengths are 0; yours are not.")
    return "each column brings its mean square, times p / (1 - p)."


@checks.add(points=1, uses=("strengths",))
def rejects_bad_p(functions: Functions, rng: np.random.Generator) -> str:
    """In strengths a p outside [0, 1], or NaN, raises ValueError."""
    judge_bad_p(functions["strengths"], lambda p: (np.ones((3, 2)), p))
    return "each p outside [0, 1] raises ValueError, and so does NaN."


@checks.add(points=2, uses=("expected_loss",))
def loss_is_exact(functions: Functions, rng: np.random.Generator) -> str:
    """The closed form equals the mean of the loss over all masks."""
    for p in some_p(rng):
        w, X, y = data(rng, 5, 6)
        found = number(functions["expected_loss"](w.copy(), X.copy(), y.copy(), p), "expected_loss")
        right = regulariser.enumerated_loss(w, X, y, p)
        if not near(found, right):
            raise Failed(
                f"At p = {p:g} the mean loss over all 64 masks of each example is {right:.6g}; "
                f"your closed form gives {found:.6g}.",
                names.recognise(found, names.wrong_losses(w, X, y, p)),
            )
    return "the closed form is the mean over all masks."


@checks.add(points=2, uses=("ridge",))
def ridge_minimises(functions: Functions, rng: np.random.Generator) -> str:
    """ridge returns the weights with the least expected loss; at p = 0 these are least squares."""
    for p in (*some_p(rng), 0.0):
        _, X, y = data(rng)
        found, right = (
            vector(functions["ridge"](X.copy(), y.copy(), p), 4, "ridge"),
            regulariser.ridge(X, y, p),
        )
        if not near(found, right):
            least, yours = (regulariser.expected_loss(w, X, y, p) for w in (right, found))
            raise Failed(
                f"At p = {p:g} the least expected loss is {least:.6g}; at your weights it is {yours:.6g}.",
                names.recognise(found, names.wrong_ridges(X, y, p)) if p else None,
            )
    return "no weights have a smaller expected loss."


@checks.add(points=1, uses=("ridge",))
def ridge_exists(functions: Functions, rng: np.random.Generator) -> str:
    """With more columns than examples, or with equal columns, ridge has one answer for every p above 0."""
    p = some_p(rng)[0]
    _, wide, y = data(rng, 4, 7)
    for what, X in (
        ("4 examples of 7 entries", wide),
        ("two equal columns", np.hstack([wide[:, :2], wide[:, :1]])),
    ):
        found = vector(functions["ridge"](X.copy(), y.copy(), p), X.shape[1], "ridge")
        right = regulariser.ridge(X, y, p)
        if not near(found, right):
            raise Failed(
                f"At p = {p:g}, with {what}, your weights are {np.abs(found - right).max():.2g} away from "
                "those with the least expected loss.",
                names.recognise(found, names.wrong_ridges(X, y, p)),
            )
    return "the penalty makes the answer unique."


@checks.add(points=2, uses=("penalty",))
def penalty_matches(functions: Functions, rng: np.random.Generator) -> str:
    """The logistic penalty is half the mean of curvature times the variance of the score."""
    for p in some_p(rng):
        w, X, _ = data(rng)
        found, right = (
            number(functions["penalty"](w.copy(), X.copy(), p), "penalty"),
            regulariser.penalty(w, X, p),
        )
        if not near(found, right):
            raise Failed(
                f"At p = {p:g} the first-order penalty is {right:.6g}; yours is {found:.6g}.",
                names.recognise(found, names.wrong_penalties(w, X, p)),
            )
    return "curvature times variance, example by example."


@checks.add(points=1, uses=("penalty",))
def large_scores(functions: Functions, rng: np.random.Generator) -> str:
    """Scores of several thousand, of either sign, cost nothing and overflow nothing."""
    X, w = np.array([[1.0, 2.0], [-1.0, -2.0], [0.0, 0.001]]), np.array([2000.0, 1000.0])
    right = regulariser.penalty(w, X, 0.3)
    with listening() as noise:
        found = number(functions["penalty"](w.copy(), X.copy(), 0.3), "penalty")
    if not near(found, right) or noise.first():
        told = f"it is {found:.4g}" if not near(found, right) else f"it says {noise.first()}"
        raise Failed(
            f"With scores of 4000 and -4000 the penalty is {right:.4g}, in silence; with yours {told}.",
            "score_overflows" if noise.first() or not np.isfinite(found) else None,
        )
    return "large scores are safe."


@checks.add(
    points=2,
    false_alarm=regulariser_draws.ALPHA,
    catches="a variance that is 15 % off, in 999 of 1,000 runs",
    uses=("gaussian",),
)
def gaussian_matches(functions: Functions, rng: np.random.Generator) -> str:
    """The noisy values have dropout's mean and variance, small values and large ones."""
    regulariser_draws.judge_moments(functions, rng)
    return "mean and variance are those of dropout."


@checks.add(
    points=1,
    false_alarm=regulariser_draws.ALPHA,
    catches="uniform noise of the right variance, each time",
    uses=("gaussian",),
)
def gaussian_shape(functions: Functions, rng: np.random.Generator) -> str:
    """The noise is normal: so many values lie within 0.5, 1, 2 and 3 standard deviations."""
    regulariser_draws.judge_shape(functions, rng)
    return "the noise is spread as normal noise is."


@checks.add(
    points=1,
    false_alarm=regulariser_draws.ALPHA,
    catches="a fifth of the signs copied from a neighbour or an earlier call, in 999 of 1,000 runs",
    uses=("gaussian",),
)
def gaussian_fresh(functions: Functions, rng: np.random.Generator) -> str:
    """Each entry has noise of its own, and each call draws anew."""
    regulariser_draws.judge_fresh(functions, rng)
    return "neighbours and calls share nothing."


@checks.add(points=1, uses=("step_limit",))
def limit_matches(functions: Functions, rng: np.random.Generator) -> str:
    """The step limit is 2 divided by the largest eigenvalue of the expected loss's Hessian."""
    for p in (*some_p(rng), 0.0):
        _, X, _ = data(rng)
        found = number(functions["step_limit"](X.copy(), p), "step_limit")
        right = regulariser.step_limit(X, p)
        if not near(found, right):
            raise Failed(
                f"At p = {p:g} the limit is {right:.5g}; yours is {found:.5g}.",
                names.recognise(found, names.wrong_limits(X, p)),
            )
    return "the limit is that of the steepest direction, penalty included."


def descend(functions: Functions, X: np.ndarray, y: np.ndarray, *rest: Any) -> np.ndarray:
    """What the learner's sgd returns for p, step, steps and rng, as floats (d,)."""
    return vector(functions["sgd"](X.copy(), y.copy(), *rest), X.shape[1], "sgd")


@checks.add(points=2, uses=("sgd",))
def descent_at_zero(functions: Functions, rng: np.random.Generator) -> str:
    """At p = 0 sgd is gradient descent from zeros, and returns the mean over the second half of the steps."""
    for steps in (2, 8):
        _, X, y = data(rng, 7, 3)
        step = 0.3 * regulariser.step_limit(X, 0.0)
        found = descend(functions, X, y, 0.0, step, steps, fresh(rng))
        right = regulariser.sgd(X, y, 0.0, step, steps, fresh(rng))
        if not near(found, right):
            wrong = names.wrong_descents(X, y, step, steps)
            raise Failed(
                f"At p = 0 {steps} steps should end at {right.round(4).tolist()}; yours end at "
                f"{found.round(4).tolist()}.",
                names.recognise(found, wrong) or "another_descent",
            )
    return "without dropout it is gradient descent, averaged over the second half."


@checks.add(
    points=2,
    false_alarm=regulariser_draws.ALPHA,
    catches="one mask for all examples, for a whole example or for all steps, each time",
    uses=("sgd",),
)
def two_steps_law(functions: Functions, rng: np.random.Generator) -> str:
    """Two steps end where the masks of two steps lead, each place as often as its masks are drawn."""
    regulariser_draws.judge_law(functions, rng)
    return f"{regulariser_draws.CALLS} runs of two steps end where they should, as often as they should."


@checks.add(
    points=2,
    false_alarm=1e-9,
    catches="a descent that lands half way to least squares, each time",
    seconds=20,
    uses=("sgd",),
)
def sgd_lands(functions: Functions, rng: np.random.Generator) -> str:
    """After 2,000 steps with masks the mean is at the closed form, far from least squares."""
    shares = []
    for p in (0.3, 0.6):
        X, y = contrasting(rng, p)
        right, plain = regulariser.ridge(X, y, p), regulariser.ridge(X, y, 0.0)
        found = descend(functions, X, y, p, 0.2 * regulariser.step_limit(X, p), 2000, fresh(rng))
        away = float(np.linalg.norm(found - right) / np.linalg.norm(plain - right))
        if not away <= LANDED:
            at_plain = np.linalg.norm(found - plain) < LANDED * np.linalg.norm(plain - right)
            raise Failed(
                f"At p = {p:g} 2,000 steps should end near the closed form; with its distance from least "
                f"squares as 1, yours end {away:.2f} away from it.",
                "penalty_forgotten" if at_plain else "another_descent",
            )
        shares.append(away)
    return f"at most {percent(max(shares))} of the way from the closed form to least squares."


def contrasting(rng: np.random.Generator, p: float) -> tuple[np.ndarray, np.ndarray]:
    """X (30, 3) and y (30,), out of 20, whose closed form lies farthest from least squares."""

    def distance(pair: tuple[np.ndarray, np.ndarray]) -> float:
        plain = regulariser.ridge(*pair, 0.0)
        return float(np.linalg.norm(regulariser.ridge(*pair, p) - plain))

    return max((data(rng, 30, 3)[1:] for _ in range(20)), key=distance)


@checks.add(points=1, uses=("sgd",))
def long_steps(functions: Functions, rng: np.random.Generator) -> str:
    """With a step beyond the limit sgd diverges, as it must."""
    _, X, y = data(rng, 30, 3)
    found = descend(functions, X, y, 0.3, 10 * regulariser.step_limit(X, 0.3), 40, fresh(rng))
    size = float(np.abs(regulariser.ridge(X, y, 0.3)).max())
    if np.isfinite(found).all() and np.abs(found).max() < 1e9 * size:
        raise Failed(
            "With ten times the limit as step 40 steps should run away; yours end at "
            f"{shorten(found.round(3).tolist())}.",
            "step_clipped",
        )
    return "too long a step runs away."


@checks.add(points=1, false_alarm=1e-12, uses=("gaussian", "sgd"))
def rng_decides(functions: Functions, rng: np.random.Generator) -> str:
    """The rng handed over decides what gaussian and sgd return, and no global state is touched."""
    _, X, y = data(rng, 30, 3)
    step = 0.3 * regulariser.step_limit(X, 0.5)
    calls = {"gaussian": (X, 0.5), "sgd": (X, y, 0.5, step, 40)}
    for name, arguments in calls.items():
        seed = int(rng.integers(2**63))
        with global_state(rng) as touched:
            first, again = (
                result(functions, name, *arguments, np.random.default_rng(seed)) for _ in range(2)
            )
        if touched:
            raise Failed(f"{name} changed the global state of {touched[0]}.", "global_rng")
        if not np.array_equal(first, again, equal_nan=True):
            raise Failed(f"Two generators with the same seed should make {name} return the same.", "own_rng")
        if np.array_equal(first, result(functions, name, *arguments, fresh(rng)), equal_nan=True):
            random = np.isfinite(first).all() and np.any(first) and not np.array_equal(first, X)
            raise Failed(
                f"Generators with different seeds make {name} return the same; the rng does not decide it.",
                "reseeds_each_call" if random else None,
            )
    return "the same seed gives the same numbers, another seed others."


def legal_calls(
    w: np.ndarray, X: np.ndarray, y: np.ndarray, p: float, rng: np.random.Generator
) -> dict[str, tuple]:
    """A legal call of each function: its name and its arguments."""
    return {
        "strengths": (X, p),
        "expected_loss": (w, X, y, p),
        "ridge": (X, y, p),
        "penalty": (w, X, p),
        "gaussian": (X, p, fresh(rng)),
        "step_limit": (X, p),
        "sgd": (X, y, p, 0.001, 4, fresh(rng)),
    }


@checks.add(points=1)
def inputs_unchanged(functions: Functions, rng: np.random.Generator) -> str:
    """No function writes into the arrays it is given."""
    w, X, y = data(rng, 6, 3)
    before = w.copy(), X.copy(), y.copy()
    for name, arguments in legal_calls(w, X, y, 0.3, rng).items():
        result(functions, name, *arguments)
        for letter, now, then in zip("wXy", (w, X, y), before, strict=True):
            if not np.array_equal(now, then):
                raise Failed(f"After a call of {name} {letter} holds other values.", "input_changed_in_place")
    return "all arrays are what they were."


@checks.add(points=1)
def quiet(functions: Functions, rng: np.random.Generator) -> str:
    """Legal inputs set off no warning and write nothing to stderr."""
    w, X, y = data(rng, 6, 3)
    for p in (0.0, 0.3, 0.9):
        for name, arguments in legal_calls(w, X, y, p, rng).items():
            with listening() as noise:
                result(functions, name, *arguments)
            if noise.first():
                raise Failed(f"{name} should be silent; at p = {p:g} it said: {noise.first()}.", "noisy")
    return "no warning and nothing on stderr."


EXERCISE = Exercise(
    "06_regulariser",
    "Dropout as a regulariser",
    ("strengths", "expected_loss", "ridge", "penalty", "gaussian", "step_limit", "sgd"),
    (),
    tuple(checks.checks),
)
