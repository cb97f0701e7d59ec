"""Judging a learner's `ablation_curve` on networks whose error tells which units are gone."""

import numpy as np

from dropgrade.checks.nets import copied, read_finite
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import percent
from dropgrade.checks.statistics import limits
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.reference.mlp import Params

ALPHA = 1e-8
SHARES = (0.0, 0.25, 0.5, 0.75)


def curve(
    functions: Functions, net: tuple[Params, np.ndarray, np.ndarray], shares, masks: int, rng
) -> np.ndarray:
    """The learner's curve, read; the learner gets copies."""
    params, images, labels = net
    value = functions["ablation_curve"](
        copied(params), images.copy(), labels.copy(), shares, masks, fresh(rng)
    )
    return read_finite(value, (len(shares),), "The curve")


def specialists(rng: np.random.Generator) -> tuple[Params, np.ndarray, np.ndarray]:
    """20 units that each alone know 3 of 60 images: the error is the share of the units that are gone.

    Three pixels say the same about a unit, so that losing pixels is not the same as losing units. The biases
    are so low that a unit is silent for the other images, and would not be without its bias or rectifier.
    """
    unit = rng.permutation(60) % 20
    pixels = np.repeat(np.eye(20), 3, axis=1)
    classes = rng.integers(9, size=20)
    heads = np.zeros((20, 10))
    heads[np.arange(20), classes] = 1
    nobody = np.append(np.zeros(9), 0.5)
    bias = -rng.uniform(2, 4, 20)
    params = {"W1": pixels.T / 3 * (1 - bias), "b1": bias, "W2": heads, "b2": nobody}
    return params, pixels[unit], classes[unit]


def voters(rng: np.random.Generator) -> tuple[Params, np.ndarray, np.ndarray]:
    """20 units that say the same: if what is left is rescaled, the error stays zero.

    Half of the images just pass a bar and half just miss it, so that too little and too much both show; so
    does a unit of which only the weights are removed, since its bias goes on speaking.
    """
    images = np.where(np.arange(20) % 2, 0.5, 0.3)[:, None] * np.ones((20, 6))
    params = {
        "W1": np.full((6, 20), 1 / 6),
        "b1": np.full(20, 0.5),
        "W2": np.hstack([np.full((20, 1), 1 / 20), np.zeros((20, 9))]),
        "b2": np.array([0, 0.9, *[-1.0] * 8]),
    }
    return params, images, np.where(np.arange(20) % 2, 0, 1)


def soloist() -> tuple[Params, np.ndarray, np.ndarray]:
    """10 units of which one alone decides about all images: the error of a mask is 0 or 1.

    So many images that errors which are neither add up to a whole number once in a thousand runs at most.
    """
    params = {"W1": np.ones((4, 10)), "b1": np.zeros(10), "W2": np.zeros((10, 10)), "b2": np.zeros(10)}
    params["W2"][0, 0], params["b2"][1] = 1.0, 0.5
    return params, np.ones((1_009, 4)), np.zeros(1_009, dtype=np.int64)


def judge_removal(functions: Functions, rng: np.random.Generator) -> str:
    """Exact errors: on `specialists` for the units that go, on `voters` for the scale of the rest."""
    found = curve(functions, specialists(rng), SHARES, 3, rng)
    if not abs(found[0]) < 1e-9:
        raise Failed(
            f"With nothing removed the error should be 0 here; it is {found[0]:.4g}.", name_start(found)
        )
    if not np.allclose(found, SHARES, atol=1e-9):
        at = int(np.argmax(np.abs(found - SHARES)))
        raise Failed(
            f"Where each unit alone knows its images, removing {percent(SHARES[at])} of the units should "
            f"cost {percent(SHARES[at])} of the answers; it costs {found[at]:.4g} (as a share).",
            name_share(functions, found, rng),
        )
    left = curve(functions, voters(rng), SHARES, 3, rng)
    if not np.allclose(left, 0, atol=1e-9):
        at = int(np.argmax(left))
        raise Failed(
            f"Where all units say the same, removing {percent(SHARES[at])} of them should cost nothing if "
            f"they give 0 and the rest is divided by {1 - SHARES[at]:g}; it costs {percent(left[at])} of the "
            "answers.",
            "removal_not_rescaled",
        )
    return "exactly the share asked for goes, and the rest is rescaled."


def name_start(found: np.ndarray) -> str | None:
    """Accuracy instead of error, or percent instead of a share."""
    return "accuracy_for_error" if np.allclose(1 - found, SHARES, atol=0.3) else None


def name_share(functions: Functions, found: np.ndarray, rng: np.random.Generator) -> str | None:
    """Why another share of the answers is lost: percent, nothing removed, images apart, a count by chance."""
    if np.allclose(found / 100, SHARES, atol=1e-9):
        return "percent_for_share"
    if np.allclose(found, 0, atol=0.05):
        return "removes_nothing"
    wholes = 10 * curve(functions, soloist(), (0.3,), 10, rng)[0]
    if abs(wholes - round(wholes)) > 1e-6:
        return "removes_per_image"
    return "removes_a_random_count"


def judge_average(functions: Functions, rng: np.random.Generator) -> str:
    """On `soloist` the number of masks that cost everything is binomial, and whole."""
    share, masks = 0.3, 150
    error = curve(functions, soloist(), (share,), masks, rng)[0]
    hits = masks * error
    low, high = limits(masks, share, ALPHA)
    if abs(hits - round(hits)) > 1e-6:
        raise Failed(
            "A unit that is removed should be gone for all images; here only some of them lose it.",
            "removes_per_image",
        )
    if low <= round(hits) <= high:
        return f"{round(hits)} of {masks} choices hit the one unit that matters."
    raise Failed(
        f"At share {share:g} each of {masks} choices removes the unit that matters with chance {share:g}, so "
        f"the mean error should lie between {percent(low / masks)} and {percent(high / masks)}; "
        f"it is {error:.4g}.",
        "one_choice_for_all" if round(hits) in (0, masks) else None,
    )
