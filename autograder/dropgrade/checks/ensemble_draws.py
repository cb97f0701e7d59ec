"""Judging the Monte-Carlo estimate by what chance can explain: exact binomial and Chernoff limits.

The estimate is compared with the learner's own members where these can be read, so that a slip in a member's
formula is not found here a second time.
"""

import itertools

import numpy as np

from dropgrade.checks.calling import global_state
from dropgrade.checks.ensemble_names import nearest, wrong_samples
from dropgrade.checks.patterns import fresh
from dropgrade.checks.reading import percent, read_array
from dropgrade.checks.statistics import limits, strays
from dropgrade.checks.verdicts import Failed, Functions
from dropgrade.reference import ensemble
from dropgrade.reference.ensemble import Layers

SAMPLES = 3000
ALPHA = 1e-8
"""Chance that one of the three estimates strays although the answer is right."""
STEEP = 60.0
"""Scores so far apart that a member says 0 or 1 (to 1e-13), and yet no exponential overflows."""


def network(rng: np.random.Generator, *sizes: int) -> tuple[np.ndarray, Layers]:
    """An example and layers of those sizes, with moderate scores and about half of the hidden units on."""
    x = rng.normal(size=sizes[0])
    shapes = itertools.pairwise(sizes)
    return x, [(rng.normal(size=shape) / shape[0] ** 0.5, rng.normal(size=shape[1]) / 2) for shape in shapes]


def copied(layers: Layers) -> Layers:
    """Layers that the learner may write into."""
    return [(W.copy(), b.copy()) for W, b in layers]


def table_of(functions: Functions, x: np.ndarray, layers: Layers, p: float) -> np.ndarray:
    """The members of `all_masks` by the learner's own `members`; by the formula where that gives none."""
    keep = ensemble.all_masks(ensemble.units(layers))
    right = ensemble.members(x, layers, keep, p)
    try:
        own = read_array(
            functions["members"](x.copy(), copied(layers), keep.copy(), p), right.shape, "members"
        )
    except Failed:
        return right
    distributions = np.isfinite(own).all() and (own >= 0).all() and np.allclose(own.sum(axis=1), 1)
    return own if distributions else right


def draw(functions: Functions, x: np.ndarray, layers: Layers, p: float, samples: int, rng) -> np.ndarray:
    """The learner's estimate as a float array (classes,)."""
    found = functions["sampled"](x.copy(), copied(layers), p, samples, rng)
    return read_array(found, layers[-1][1].shape, "What sampled returns").astype(float)


def separated(rng: np.random.Generator, p: float) -> tuple[np.ndarray, Layers]:
    """A network of 4 + 3 units, the best of 30, in which wrong ideas lead to results far from one another."""

    def distance(pair: tuple[np.ndarray, Layers]) -> float:
        x, layers = pair
        keep = ensemble.all_masks(ensemble.units(layers))
        table = ensemble.members(x, layers, keep, p)
        means = [ensemble.chances(keep, p) @ table, *wrong_samples(x, layers, p, table).values()]
        return min(ensemble.total_variation(a, b) for a, b in itertools.combinations(means, 2))

    def sharp() -> tuple[np.ndarray, Layers]:
        x, layers = network(rng, 4, 3, 3)
        return x, [(2 * W, b) for W, b in layers]

    return max((sharp() for _ in range(30)), key=distance)


def judge_smooth(functions: Functions, rng: np.random.Generator) -> None:
    """Is the estimate within the Chernoff limits of the exact mean, class by class?"""
    p = 0.7
    x, layers = separated(rng, p)
    table = table_of(functions, x, layers, p)
    weights = ensemble.chances(ensemble.all_masks(ensemble.units(layers)), p)
    found = draw(functions, x, layers, p, SAMPLES, fresh(rng))
    if not np.isfinite(found).all():
        raise Failed("What sampled returns holds inf or NaN.", "softmax_overflows")
    for c in range(len(found)):
        low, high = ensemble.chernoff_limits(table[:, c], weights, SAMPLES, ALPHA / len(found))
        if not low <= found[c] <= high:
            raise Failed(
                f"At p = {p:g} the mean of {SAMPLES} members should give class {c} a probability between "
                f"{low:.3f} and {high:.3f}; yours gives {found[c]:.3f}.",
                name_estimate(found, x, layers, p, table) or name_counts(functions, rng),
            )


def name_estimate(
    found: np.ndarray, x: np.ndarray, layers: Layers, p: float, table: np.ndarray
) -> str | None:
    """Which misconception explains an estimate that strays."""
    if abs(found.sum() - 1) > 1e-6:
        return "weighted_twice" if found.any() else None
    if np.any(np.abs(table - found).max(axis=1) < 1e-9):
        return "frozen_mask"
    right = ensemble.chances(ensemble.all_masks(ensemble.units(layers)), p) @ table
    return nearest(found, right, wrong_samples(x, layers, p, table), within=0.12)


def one_unit(rng: np.random.Generator) -> tuple[np.ndarray, Layers]:
    """A network of five inputs that says class 0 if and only if one of them, drawn by lot, is kept."""
    W = np.zeros((5, 2))
    W[rng.integers(5), 0] = STEEP
    return np.ones(5), [(W, np.array([-STEEP / 2, 0.0]))]


def all_four() -> tuple[np.ndarray, Layers]:
    """A network of two inputs and two hidden units that says class 0 if and only if all four are kept.

    At p = 0.2 it does so whether kept units are rescaled (one branch gives 1.56, both 3.13) or not (1 and 2).
    """
    steep = 5 * STEEP
    out = np.array([[steep, 0.0], [steep, 0.0]])
    return np.ones(2), [(np.eye(2), np.zeros(2)), (out, np.array([-1.78 * steep, 0.0]))]


def judge_counts(functions: Functions, rng: np.random.Generator) -> None:
    """Where members say 0 or 1, the estimate is a binomial count: is it one that chance explains?"""
    p, single = 0.2, 0.0
    for what, (x, layers) in (("a single unit is", one_unit(rng)), ("four units are", all_four())):
        table = table_of(functions, x, layers, p)
        weights = ensemble.chances(ensemble.all_masks(ensemble.units(layers)), p)
        usual = min(float(weights[table[:, 0] > 0.5].sum()), 1.0)
        count = draw(functions, x, layers, p, SAMPLES, fresh(rng))[0] * SAMPLES
        if not abs(count - np.round(count)) <= 1e-3:
            raise Failed(
                f"Where each member says 0 or 1, the mean of {SAMPLES} members is a multiple of 1/{SAMPLES}; "
                "yours is not.",
                "samples_ignored",
            )
        if strays(round(count), SAMPLES, usual, ALPHA):
            low, high = limits(SAMPLES, usual, ALPHA)
            raise Failed(
                f"At p = {p:g} {what} kept in {percent(usual)} of the masks, and chance alone stays between "
                f"{percent(low / SAMPLES)} and {percent(high / SAMPLES)}; with your masks it is "
                f"{percent(count / SAMPLES)}.",
                name_luck(single, count / SAMPLES) if single else "wrong_rate",
            )
        single = count / SAMPLES


def name_luck(single: float, all_four: float) -> str:
    """Why four units are kept together too often: their own rate, or luck that they share."""
    if abs(all_four - single**4) < 0.06:
        return "wrong_rate"
    return "one_mask_per_row" if abs(all_four - single) < 0.05 else "correlated_neighbours"


def name_counts(functions: Functions, rng: np.random.Generator) -> str | None:
    """What `judge_counts` makes of the same masks."""
    try:
        judge_counts(functions, rng)
    except Failed as failure:
        return failure.diagnosis
    return None


def judge_single(functions: Functions, rng: np.random.Generator) -> None:
    """Is the estimate from one sample a member, and the one from two the mean of two members?"""
    p = 0.4
    x, layers = network(rng, 3, 2, 4)
    table = table_of(functions, x, layers, p)
    halves = (table[:, np.newaxis] + table).reshape(-1, table.shape[1]) / 2
    for samples, possible in ((1, table), (2, halves)):
        for _ in range(6):
            found = draw(functions, x, layers, p, samples, fresh(rng))
            if not np.any(np.abs(possible - found).max(axis=1) < 1e-7):
                what = "the output of one member" if samples == 1 else "the mean of two members"
                raise Failed(
                    f"With samples = {samples} sampled should give {what}; yours is none.",
                    name_single(found, table),
                )


def name_single(found: np.ndarray, table: np.ndarray) -> str | None:
    """Why an estimate from one or two samples is no mean of members."""
    if not abs(found.sum() - 1) < 1e-6:
        return "weighted_twice" if np.isfinite(found).all() and found.any() else None
    logs = np.log(np.maximum(table, 1e-300))
    roots = ensemble.softmax((logs[:, np.newaxis] + logs).reshape(-1, table.shape[1]) / 2)
    return "means_swapped" if np.any(np.abs(roots - found).max(axis=1) < 1e-7) else "samples_ignored"


def judge_rng(functions: Functions, rng: np.random.Generator) -> None:
    """Does the generator handed over decide the estimate, and nothing else?"""
    x, layers = network(rng, 10, 3)
    seed = int(rng.integers(2**63))
    with global_state(rng) as touched:
        first, again = (draw(functions, x, layers, 0.5, 300, np.random.default_rng(seed)) for _ in range(2))
    if touched:
        raise Failed(f"sampled changed the global state of {touched[0]}.", "global_rng")
    if not np.array_equal(first, again):
        raise Failed("Two generators with the same seed should give the same estimate.", "own_rng")
    if np.array_equal(first, draw(functions, x, layers, 0.5, 300, fresh(rng))):
        raise Failed(
            "Generators with different seeds give the same estimate, so the rng does not decide it.",
            "reseeds_each_call" if name_fixed(first, x, layers) else "samples_ignored",
        )


def name_fixed(found: np.ndarray, x: np.ndarray, layers: Layers) -> bool:
    """Whether an estimate that never changes looks sampled: it is not the exact mean, nor one pass."""
    keep = ensemble.all_masks(ensemble.units(layers))
    exact = ensemble.chances(keep, 0.5) @ ensemble.members(x, layers, keep, 0.5)
    return not any(np.allclose(found, other, atol=1e-9) for other in (exact, ensemble.scaled(x, layers)))
