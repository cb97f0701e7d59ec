"""What each function of a learner's ensemble returns, and whether members and means are right."""

from collections.abc import Callable

import numpy as np

from dropgrade.checks import ensemble_names
from dropgrade.checks.ensemble_draws import copied, network
from dropgrade.checks.reading import close, read_array, read_mask
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.reference import ensemble
from dropgrade.reference.ensemble import Layers


def some_p(rng: np.random.Generator) -> list[float]:
    """A drop probability below and one above 0.5, both well away from it and from the ends."""
    return [round(float(rng.uniform(low, low + 0.25)), 3) for low in (0.1, 0.6)]


def distributions(rng: np.random.Generator, m: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Random distributions (m, classes) and weights (m,), none of them close to 0."""
    probs = rng.uniform(0.05, 1, (m, classes))
    weights = rng.uniform(0.05, 1, m) ** 2
    return probs / probs.sum(axis=1, keepdims=True), weights / weights.sum()


def chances(functions: Functions, keep: np.ndarray, p: float) -> np.ndarray:
    """The learner's chances as floats (m,)."""
    return read_array(functions["chances"](keep.copy(), p), keep.shape[:1], "What chances returns").astype(
        float
    )


def members(functions: Functions, x: np.ndarray, layers: Layers, keep: np.ndarray, p: float) -> np.ndarray:
    """The learner's members as floats (m, classes)."""
    found = functions["members"](x.copy(), copied(layers), keep.copy(), p)
    shape = (len(keep), len(layers[-1][1]))
    return read_array(found, shape, "What members returns").astype(float)


def scaled(functions: Functions, x: np.ndarray, layers: Layers) -> np.ndarray:
    """The learner's one pass as floats (classes,)."""
    found = functions["scaled"](x.copy(), copied(layers))
    return read_array(found, layers[-1][1].shape, "What scaled returns").astype(float)


def mean(functions: Functions, name: str, probs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The learner's arithmetic or geometric mean as floats (classes,)."""
    found = functions[name](probs.copy(), weights.copy())
    return read_array(found, probs.shape[1:], f"What {name} returns").astype(float)


def judge_members(functions: Functions, rng: np.random.Generator, *sizes: int) -> None:
    """Are the members of a network of these sizes right, under masks drawn by lot and in any order?"""
    for p in some_p(rng):
        x, layers = network(rng, *sizes)
        keep = rng.random((20, ensemble.units(layers))) >= 0.4
        found, right = members(functions, x, layers, keep, p), ensemble.members(x, layers, keep, p)
        if not close(found, right):
            wrong = int((np.abs(found - right) > 1e-6).any(axis=1).sum())
            named = ensemble_names.recognise(found, ensemble_names.wrong_members(x, layers, keep, p))
            raise Failed(
                f"At p = {p:g}, with {len(layers)} layer{'s' * (len(layers) > 1)}, {wrong} of {len(keep)} "
                "members have other outputs than they should.",
                named or "another_network",
            )


def judge_mean(
    functions: Functions, name: str, probs: np.ndarray, weights: np.ndarray, wrong: Callable
) -> None:
    """Is the learner's mean of that name right, and if not, which idea explains it?"""
    right = getattr(ensemble, name)(probs, weights)
    found = mean(functions, name, probs, weights)
    if not close(found, right):
        broken = name == "geometric" and not (np.isfinite(found).all() and found.all())
        raise Failed(
            f"The {name} mean of {len(probs)} members gives class 0 the probability {right[0]:.4g}; "
            f"yours gives {found[0]:.4g}.",
            "product_underflows" if broken else ensemble_names.recognise(found, wrong(probs, weights)),
        )


def own_means(
    functions: Functions, x: np.ndarray, layers: Layers, p: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arithmetic mean, geometric mean and one pass, all of it with the learner's functions."""
    n = ensemble.units(layers)
    keep = read_mask(functions["all_masks"](n), (2**n, n), "all_masks")
    weights = chances(functions, keep, p)
    probs = members(functions, x, layers, keep, p)
    arithmetic, geometric = (mean(functions, name, probs, weights) for name in ("arithmetic", "geometric"))
    return arithmetic, geometric, scaled(functions, x, layers)


def exact_means(x: np.ndarray, layers: Layers, p: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What `own_means` should be."""
    keep = ensemble.all_masks(ensemble.units(layers))
    probs, weights = ensemble.members(x, layers, keep, p), ensemble.chances(keep, p)
    return ensemble.arithmetic(probs, weights), ensemble.geometric(probs, weights), ensemble.scaled(x, layers)


def gaps(arithmetic: np.ndarray, geometric: np.ndarray, one_pass: np.ndarray) -> tuple[float, float]:
    """Total variation of each mean from one pass."""
    distance = ensemble.total_variation
    return distance(arithmetic, one_pass), distance(geometric, one_pass)
