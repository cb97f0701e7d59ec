"""Exact binomial limits: how far a count may stray by chance, and how surely an error shows.

Every statistical check counts something that is binomial for a right answer, so the chance of a false
alarm is a sum of exact probabilities, without any normal approximation. Logarithms keep the tails exact
to about ten digits down to 1e-300; NumPy and the standard library are all that is needed.
"""

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=256)
def pmf(n: int, q: float) -> np.ndarray:
    """Probabilities of 0, 1, ..., n successes in n independent trials.

    Args:
        n: number of trials, at least 0.
        q: chance of a success, 0 <= q <= 1.

    Returns:
        float64 (n + 1,), read-only.

    >>> pmf(2, 0.5)
    array([0.25, 0.5 , 0.25])
    """
    if q in (0.0, 1.0):
        chances = np.zeros(n + 1)
        chances[int(n * q)] = 1.0
    else:
        k = np.arange(n + 1)
        log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
        log_choose = log_factorial[n] - log_factorial - log_factorial[::-1]
        chances = np.exp(log_choose + k * np.log(q) + (n - k) * np.log1p(-q))
    chances.flags.writeable = False
    return chances


def at_most(k: int, n: int, q: float) -> float:
    """Chance of k or fewer successes; 0 for k < 0.

    >>> at_most(1, 2, 0.5)
    0.75
    """
    return min(1.0, float(pmf(n, q)[: max(k + 1, 0)].sum()))


def at_least(k: int, n: int, q: float) -> float:
    """Chance of k or more successes; 0 for k > n.

    >>> at_least(1, 2, 0.5)
    0.75
    """
    return min(1.0, float(pmf(n, q)[max(k, 0) :].sum()))


@lru_cache(maxsize=1024)
def limits(n: int, q: float, alpha: float) -> tuple[int, int]:
    """The counts that chance alone explains: the narrowest range that each side misses at most alpha / 2.

    Args:
        n: number of trials.
        q: chance of a success if the answer is right.
        alpha: false alarms allowed, both sides together.

    Returns:
        (low, high): a right answer's count lies in low..high except with probability at most alpha.

    >>> limits(10, 0.5, 0.01)
    (1, 9)
    """
    chances = pmf(n, q)
    below = np.cumsum(chances)  # below[k] = chance of k or fewer; sums of the smallest terms first
    above = np.cumsum(chances[::-1])
    low = int(np.searchsorted(below, alpha / 2, side="right"))
    high = n - int(np.searchsorted(above, alpha / 2, side="right"))
    return low, high


def false_alarm(n: int, q: float, low: int, high: int) -> float:
    """Exact chance that a right answer's count lies outside low..high."""
    return at_most(low - 1, n, q) + at_least(high + 1, n, q)


def strays(counts: np.ndarray | int, n: int, q: float, alpha: float) -> np.ndarray:
    """Which counts chance does not explain, all of them together allowed `alpha` false alarms (Bonferroni).

    Args:
        counts: one or more counts of successes, each out of n trials.
        n, q: trials of each count, and their chance of success if the answer is right.
        alpha: chance that any count of a right answer strays.

    Returns:
        bool array of the shape of `counts`.
    """
    counts = np.asarray(counts)
    low, high = limits(n, q, alpha / max(counts.size, 1))
    return (counts < low) | (counts > high)


def agreement(q: float) -> float:
    """Chance that two independent draws, each True with chance q, are equal.

    >>> agreement(0.5)
    0.5
    """
    return q * q + (1 - q) * (1 - q)
