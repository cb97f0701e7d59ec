"""Comparing arms fairly: a learning rate for each, shared seeds, intervals, and the verdict they allow."""

import functools
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dropgrade.reference import mlp


@functools.lru_cache(maxsize=256)
def t_quantile(level: float, df: int) -> float:
    """The t with P(|T| <= t) = level for Student's t: an interval's half-width in standard errors.

    Args:
        level: coverage, 0 < level < 1.
        df: degrees of freedom, an integer >= 1.

    Source: abramowitz1964, equations 26.7.3 and 26.7.4 with theta = arctan(t / sqrt(df)); bisection.

    >>> round(t_quantile(0.95, 4), 4)
    2.7764
    """

    def coverage(theta: float) -> float:
        odd, cosine = df % 2, math.cos(theta)
        term, total = (cosine, cosine) if odd else (1.0, 1.0)
        total = total if df > 1 else 0.0
        for k in range(2 + odd, df, 2):
            term *= cosine * cosine * (k - 1) / k
            total += term
        return 2 / math.pi * (theta + math.sin(theta) * total) if odd else math.sin(theta) * total

    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if coverage(middle) < level else (low, middle)
    return math.sqrt(df) * math.tan(low)


def paired_interval(a: np.ndarray, b: np.ndarray, level: float) -> tuple[float, float, float]:
    """Mean of b - a and the ends of its t-interval.

    Args:
        a, b: float (seeds,); entry i of both comes from seed i.
        level: coverage if the differences are normal, 0 < level < 1.

    Raises:
        ValueError: fewer than two pairs, other lengths, or a value that is not finite.

    Source: book chapter 07_rate, section "The interval".

    >>> paired_interval(np.zeros(3), np.array([1.0, 2.0, 3.0]), 0.95)[0]
    2.0
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(f"a and b must be of one length, at least 2, got {a.shape} and {b.shape}")
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("a and b must be finite; a run that diverged has no error to average")
    difference = b - a
    mean, error = float(difference.mean()), float(difference.std(ddof=1)) / math.sqrt(len(a))
    half = t_quantile(level, len(a) - 1) * error
    return mean, mean - half, mean + half


def choose(validation: np.ndarray) -> list[int]:
    """For each arm the learning rate with the lowest mean error; one with a diverged run loses.

    Args:
        validation: float (arms, rates, seeds); inf or NaN marks a diverged run.

    >>> choose(np.array([[[0.3, 0.1], [0.1, 0.2]], [[0.1, 0.1], [0.0, np.nan]]]))
    [1, 0]
    """
    means = np.asarray(validation, dtype=float).mean(axis=2)
    return [int(best) for best in np.where(np.isfinite(means), means, np.inf).argmin(axis=1)]


def verdict(low: float, high: float) -> str:
    """What an interval of a difference in errors allows to say: "better", "worse" or "undecided".

    >>> verdict(-2.0, -1.0), verdict(-1.0, 1.0)
    ('better', 'undecided')
    """
    return "better" if high < 0 else "worse" if low > 0 else "undecided"


def compare(validation: np.ndarray, test: np.ndarray, level: float) -> list[dict[str, Any]]:
    """Every arm against arm 0: each at the rate chosen on validation, judged on test.

    Args:
        validation, test: float (arms, rates, seeds) of one number of arms and rates.
        level: coverage of all intervals together (Bonferroni).

    Returns:
        For arms 1, 2, ... a dict of `rates` (of arm 0 and of this arm), `mean`, `low`, `high`, `verdict`.

    Source: book chapter 07_rate, section "Several arms".
    """
    chosen = choose(validation)
    each = 1 - (1 - level) / (len(chosen) - 1)
    found = []
    for arm in range(1, len(chosen)):
        mean, low, high = paired_interval(test[0, chosen[0]], test[arm, chosen[arm]], each)
        rates = (chosen[0], chosen[arm])
        found.append({"rates": rates, "mean": mean, "low": low, "high": high, "verdict": verdict(low, high)})
    return found


def propose(
    method: str, n: int, space: Mapping[str, tuple[float, float]], rng: np.random.Generator
) -> np.ndarray:
    """Settings to try, float64 (n, 2): learning rate and p.

    Args:
        method: "grid" (n a square; ends included, learning rates evenly spaced in the logarithm) or "random"
            (independent, the logarithm of the learning rate and p uniform).
        n: how many.
        space: (lowest, highest) of `rate` and of `p`.
        rng: not used by the grid.

    Raises:
        ValueError: another method.

    Source: book chapter 07_rate, section "Searching".
    """
    (slow, fast), (least, most) = space["rate"], space["p"]
    if method == "grid":
        side = math.isqrt(n)
        return np.array(
            list(itertools.product(np.geomspace(slow, fast, side), np.linspace(least, most, side)))
        )
    if method == "random":
        rates = np.exp(rng.uniform(math.log(slow), math.log(fast), n))
        return np.column_stack([rates, rng.uniform(least, most, n)])
    raise ValueError(f"method must be 'grid' or 'random', got {method!r}")


def measure(
    settings: Sequence[Mapping[str, float]],
    seeds: Sequence[int],
    budget: Mapping[str, float],
    train: tuple[np.ndarray, np.ndarray],
    judge: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Errors float64 (settings, seeds) on `judge`; runs of one seed share their start and their batches.

    Args:
        settings: dicts with `p` and `rate`.
        budget: `width`, `steps`, `batch` and `momentum`, the same for all.
        train, judge: images and labels.

    Source: book chapter 07_rate, section "Shared seeds".
    """
    errors = np.empty((len(settings), len(seeds)))
    for (i, setting), (j, seed) in itertools.product(enumerate(settings), enumerate(seeds)):
        rng = np.random.default_rng(seed)
        start = mlp.start(train[0].shape[1], int(budget["width"]), 10, rng)
        errors[i, j] = mlp.score(mlp.train(start, *train, {**budget, **setting}, rng), *judge)[0]
    return errors
