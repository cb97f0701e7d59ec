"""Looking into a learner's network from outside: networks made so that every mask shows in the results.

A network is a dict of the arrays W1, b1, W2 and b2, as in `dropgrade.reference.mlp`.
"""

from typing import Any

import numpy as np

from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import CLOSE, common_factor, name_factor, name_of, percent, read_array
from dropgrade.checks.statistics import limits
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.reference import mlp

NAMES = ("W1", "b1", "W2", "b2")
ALPHA = 2e-9
"""Chance that one count of kept units strays although the answer is right."""


def network(rng: np.random.Generator, inputs: int, width: int, classes: int) -> mlp.Params:
    """A float64 network with weights and biases of every size; units are on or off by turns."""
    params = mlp.start(inputs, width, classes, rng, np.float64)
    return params | {"b1": rng.normal(size=width), "b2": rng.normal(size=classes)}


def examples(rng: np.random.Generator, params: mlp.Params, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs float64 (n, inputs) at which no unit is closer to its kink than 1e-3, and labels int64 (n,)."""
    found = rng.normal(size=(40 * n, len(params["W1"])))
    clear = np.abs(found @ params["W1"] + params["b1"]).min(axis=1) > 1e-3
    return found[clear][:n], rng.integers(len(params["b2"]), size=n)


def active(rng: np.random.Generator, inputs: int, width: int, classes: int = 10) -> mlp.Params:
    """A float64 network whose units are all on for one-hot inputs, and stay on when weights move a little."""
    params = network(rng, inputs, width, classes)
    return params | {"W1": rng.uniform(0.1, 0.5, (inputs, width)), "b1": rng.uniform(1, 2, width)}


def copied(params: mlp.Params) -> mlp.Params:
    """The same network in arrays of its own."""
    return {name: value.copy() for name, value in params.items()}


def read_number(value: Any, what: str) -> float:
    """A real number as a float, infinities and NaN included; `Failed` if it is none."""
    if not isinstance(value, int | float | np.generic | np.ndarray) or np.iscomplexobj(value):
        raise Failed(f"{what} should be a number; it is {name_of(value)}.", "wrong_return")
    return float(read_array(value, (), what))


def read_finite(value: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """An array of finite numbers as float64; `Failed` if it is none."""
    array = read_array(value, shape, what).astype(float)
    if not np.isfinite(array).all():
        raise Failed(f"{what} should be finite; {int((~np.isfinite(array)).sum())} of its numbers are not.")
    return array


def read_network(value: Any, like: mlp.Params, what: str) -> mlp.Params:
    """A dict of the four arrays in the shapes of `like`, as float64; `Failed` says what is missing."""
    if not isinstance(value, dict):
        raise Failed(f"{what} should be a dict of W1, b1, W2 and b2; it is {name_of(value)}.", "wrong_return")
    if set(value) != set(NAMES):
        found = ", ".join(str(name)[:20] for name in list(value)[:6]) or "nothing"
        raise Failed(f"{what} should hold W1, b1, W2 and b2; it holds {found}.", "wrong_return")
    return {
        name: read_array(value[name], like[name].shape, f"{what}[{name!r}]").astype(float) for name in NAMES
    }


def loss_and_gradients(
    functions: Functions, params: mlp.Params, x: np.ndarray, labels: np.ndarray, p: float, rng: Any
) -> tuple[float, mlp.Params]:
    """The learner's loss and gradients, read; the learner gets copies."""
    value = functions["loss_and_gradients"](copied(params), x.copy(), labels.copy(), p, rng)
    return read_loss(value, params)


def read_loss(value: Any, params: mlp.Params) -> tuple[float, mlp.Params]:
    """The pair (loss, gradients), read; `Failed` if it is none."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Failed(
            f"loss_and_gradients should return two things, (loss, gradients); it returned {name_of(value)}.",
            "wrong_return",
        )
    return read_number(value[0], "The loss"), read_network(value[1], params, "gradients")


def unit_factors(functions: Functions, p: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What each of 500 hidden units is multiplied by on the way forward and on the way back.

    One example is enough: the gradient of W2 holds what a unit gave, the gradient of b1 what it got back.

    Returns:
        float64 (500,) twice: for a right answer both are 0 where dropped and 1 / (1 - p) where kept.
    """
    params = active(rng, 8, 500)
    x, labels = np.eye(8)[:1], np.array([3])
    hidden = x @ params["W1"] + params["b1"]
    _, gradients = loss_and_gradients(functions, params, x, labels, p, fresh(rng))
    with np.errstate(all="ignore"):
        forward = gradients["W2"][:, 3] / gradients["b2"][3] / hidden[0]
        backward = gradients["b1"] / (params["W2"] @ gradients["b2"])
    return forward, backward


def name_passes(forward: np.ndarray, backward: np.ndarray, p: float) -> str | None:
    """Which misconception explains that the two ways do not use the same factors; None if they do."""
    kept, passed = forward != 0, backward != 0
    if not np.array_equal(kept, passed):
        return "gradient_ignores_mask" if passed.all() else "new_mask_in_backward"
    if np.allclose(forward, backward, rtol=CLOSE):
        return None
    ones = np.ones(kept.sum())
    there, back = common_factor(forward[kept], ones), common_factor(backward[kept], ones)
    if there is None or back is None:
        return None
    return (
        "gradient_not_rescaled"
        if abs(back - 1) < CLOSE
        else "gradient_scaled_twice"
        if back > there
        else None
    )


def judge_rows(kept: np.ndarray) -> None:
    """Has not every example the same mask, other than one that keeps or drops all?"""
    if kept.any() and not kept.all() and np.array_equal(kept, np.broadcast_to(kept[:1], kept.shape)):
        raise Failed("All examples of the batch lost the same units.", "one_mask_for_the_batch")


def judge_share(kept: np.ndarray, p: float, what: str) -> None:
    """Is about a share 1 - p of these entries kept? Exact binomial limits."""
    n, count = kept.size, int(kept.sum())
    low, high = limits(n, 1 - p, ALPHA)
    if low <= count <= high:
        return
    swapped = limits(n, p, ALPHA)
    if count == n:
        name = "mask_not_applied"
    else:
        name = "keep_drop_swapped" if swapped[0] <= count <= swapped[1] else "wrong_rate"
    raise Failed(
        f"At p = {p:g}, {percent(1 - p)} of {what} should be kept, and chance alone stays between "
        f"{percent(low / n)} and {percent(high / n)}; {percent(count / n)} of {n} were kept.",
        name,
    )


def judge_scale(factors: np.ndarray, p: float, kept: np.ndarray, values: np.ndarray) -> None:
    """Is what is kept multiplied by 1 / (1 - p)? `factors` are those of the kept entries only."""
    factor = common_factor(factors, np.ones_like(factors))
    name = name_factor(factor, p, values, kept)
    if name is not None:
        shown = "not the same everywhere" if factor is None else f"{factor:.4g}"
        raise Failed(
            f"At p = {p:g} what is kept should be {1 / (1 - p):.4g} times as large; the factor is {shown}.",
            name,
        )
