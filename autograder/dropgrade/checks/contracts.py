"""The reusable property check: does a noise keep its contract on mean, variance and distribution?

A right noise turns an input into ``mean + slope * z`` with a standardised z (mean 0, variance 1) whose `Law`
is known. So the check computes z and asks three things: is its mean 0, is its variance 1, and do its values
lie where the law puts them? How far the first two may stray is a Chernoff bound: for independent z and each
l > 0, P(average >= (log E exp(l z) + log(1 / alpha) / n) / l) <= alpha. No normal approximation is involved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from dropgrade.checks.reading import percent
from dropgrade.checks.statistics import limits, strays
from dropgrade.checks.verdicts import Failed

ALPHA = 3e-9
"""Chance that a right noise fails `judge_contract`: a third for each of mean, variance and distribution."""
SLOPES = np.geomspace(2e-3, 2, 60)
"""The l of the bound; each is valid, the best is taken."""
CUTS = (0.15, 0.4, 0.75, 0.95)
"""Quantiles of the law at which the share of smaller values is counted."""
NORMAL = NormalDist()

Transform = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Law:
    """The distribution of a standardised noise.

    Attributes:
        growth: l -> log E exp(l z), for an array of l of either sign.
        square_growth: l -> log E exp(l (z**2 - 1)); inf where the expectation is infinite.
        quantile: share -> the z below which that share lies, or None where the law has atoms.
        atoms: the only values that occur, or None.
    """

    growth: Transform
    square_growth: Transform
    quantile: Transform | None = None
    atoms: np.ndarray | None = None


def normal_law() -> Law:
    """The standard normal law."""

    def square_growth(slopes: np.ndarray) -> np.ndarray:
        inside = np.minimum(2 * slopes, 1 - 1e-12)
        return np.where(2 * slopes < 1, -slopes - np.log1p(-inside) / 2, np.inf)

    return Law(
        lambda slopes: slopes**2 / 2,
        square_growth,
        np.vectorize(NORMAL.inv_cdf),
    )


def atomic_law(values: np.ndarray, weights: np.ndarray, listed: bool = True) -> Law:
    """The law of finitely many values.

    Args:
        values: float (kinds, atoms): each row a standardised law; a sample holds equally many of each kind.
        weights: float (kinds, atoms), their probabilities.
        listed: whether each value of a sample is to be one of the atoms (of the only kind).
    """

    def growth_of(powers: np.ndarray) -> Transform:
        def growth(slopes: np.ndarray) -> np.ndarray:
            exponents = slopes[:, None, None] * powers
            top = exponents.max(axis=2, keepdims=True)
            sums = (weights * np.exp(exponents - top)).sum(axis=2)
            return (np.log(sums) + top[..., 0]).mean(axis=1)

        return growth

    return Law(growth_of(values), growth_of(values**2 - 1), atoms=values[0] if listed else None)


def two_point_law(p: float) -> Law:
    """Dropout's: -sqrt(q / p) with probability p, sqrt(p / q) with probability q = 1 - p."""
    q = 1 - p
    return atomic_law(np.array([[-np.sqrt(q / p), np.sqrt(p / q)]]), np.array([[p, q]]))


def continuous_law(quantiles: np.ndarray, quantile: Transform) -> Law:
    """A bounded continuous law, its expectations taken over standardised `quantiles` of equal weight."""
    weights = np.full((1, quantiles.size), 1 / quantiles.size)
    found = atomic_law(quantiles[None], weights)
    return Law(found.growth, found.square_growth, quantile)


def reach(growth: Transform, n: int, alpha: float) -> tuple[float, float]:
    """Between which averages n independent values stay, except with probability at most alpha.

    >>> low, high = reach(normal_law().growth, 10000, 1e-9)
    >>> round(high, 4)
    0.0655
    """
    room = np.log(2 / alpha) / n
    with np.errstate(over="ignore", invalid="ignore"):
        high = float(np.nanmin((growth(SLOPES) + room) / SLOPES))
        low = -float(np.nanmin((growth(-SLOPES) + room) / SLOPES))
    return low, high


Namer = Callable[[], str | None]
"""Says which misconception explains a failure."""


def judge_contract(z: np.ndarray, law: Law, where: str, name: Namer, alpha: float = ALPHA) -> None:
    """Raise `Failed` unless the standardised values have mean 0, variance 1 and the law's distribution.

    Args:
        z: standardised by the contract's mean and slope, any shape; independent for a right noise.
        where: "alpha_dropout at p = 0.3" or the like, for the message.
        name: says which misconception explains a failure.
    """
    if not np.isfinite(z).all():
        raise Failed(f"{where} gives inf or NaN for finite inputs.", name())
    judge_atoms(z, law, where, name)
    average, square = float(z.mean()), float((z**2).mean())
    low, high = reach(law.growth, z.size, alpha / 3)
    if not low <= average <= high:
        raise Failed(
            f"{where} should have its contract's mean; measured in standard deviations the average is off by "
            f"{average:.3g}, and chance alone stays between {low:.3g} and {high:.3g}.",
            name(),
        )
    low, high = reach(law.square_growth, z.size, alpha / 3)
    if not low <= square - 1 <= high:
        raise Failed(
            f"{where} should have its contract's variance; yours is {square:.3g} times as large, and chance "
            f"alone stays between {1 + low:.3g} and {1 + high:.3g}.",
            name(),
        )
    judge_quantiles(z, law, where, name, alpha / 3)


def judge_atoms(z: np.ndarray, law: Law, where: str, name: Namer) -> None:
    """Is each value one of the law's atoms, where it has atoms?"""
    if law.atoms is None:
        return
    nearest = np.abs(z.reshape(-1, 1) - law.atoms).min(axis=1)
    odd = int((nearest > 1e-5 * (1 + np.abs(z.ravel()))).sum())
    if odd:
        raise Failed(f"{where} gives values that its contract does not know, {odd} of {z.size}.", name())


def judge_quantiles(z: np.ndarray, law: Law, where: str, name: Namer, alpha: float) -> None:
    """Do the values lie between the law's quantiles as often as they should?"""
    if law.quantile is None:
        return
    for cut in CUTS:
        below = int((z < law.quantile(np.array(cut))).sum())
        if strays(below, z.size, cut, alpha / len(CUTS)):
            low, high = (k / z.size for k in limits(z.size, cut, alpha / len(CUTS)))
            raise Failed(
                f"{where}: {percent(cut)} of the values should lie below the {percent(cut)} quantile of its "
                f"noise, chance alone stays between {percent(low)} and {percent(high)}; "
                f"yours are {percent(below / z.size)}.",
                name(),
            )


def name_law(sample: np.ndarray, candidates: dict[str, Transform]) -> str | None:
    """The misconception whose distribution function fits a sample best, if it fits well; else None."""
    ordered = np.sort(sample.ravel())
    steps = (np.arange(ordered.size) + 0.5) / ordered.size
    with np.errstate(all="ignore"):
        gaps = {idea: np.abs(cdf(ordered) - steps).max() for idea, cdf in candidates.items()}
    gaps = {idea: gap for idea, gap in gaps.items() if gap < 0.015}
    return min(gaps, key=gaps.get) if gaps else None


def name_values(y: np.ndarray, candidates: dict[str, tuple[np.ndarray, np.ndarray]]) -> str | None:
    """The misconception under which each entry is one of two values, both of which occur; else None."""
    for idea, (kept, dropped) in candidates.items():
        near = [np.abs(y - v) <= 1e-6 * (1 + np.abs(v)) for v in np.broadcast_arrays(kept, dropped)]
        if np.all(near[0] | near[1]) and near[0].any() and near[1].any():
            return idea
    return None
