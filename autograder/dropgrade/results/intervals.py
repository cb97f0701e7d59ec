"""Confidence intervals of a mean over seeds, from Student's t with integer degrees of freedom."""

import math
from collections.abc import Sequence


def t_coverage(t: float, df: int) -> float:
    """P(|T| <= t) for Student's t with `df` degrees of freedom, exactly, by a finite trigonometric sum.

    Args:
        t: bound, t >= 0.
        df: degrees of freedom, an integer >= 1.

    Source: abramowitz1964, equations 26.7.3 and 26.7.4, with theta = arctan(t / sqrt(df)).

    >>> round(t_coverage(12.706204736, 1), 6), round(t_coverage(2.776445105, 4), 6)
    (0.95, 0.95)
    """
    if df != int(df) or df < 1:
        raise ValueError(f"df must be an integer >= 1, got {df}")
    if not t >= 0:
        raise ValueError(f"t must be >= 0, got {t}")
    return _coverage_of_angle(math.atan(t / math.sqrt(df)), int(df))


def t_quantile(level: float, df: int) -> float:
    """The t with P(|T| <= t) = level: half-width of a two-sided interval in standard errors.

    Args:
        level: coverage, 0 < level < 1, such as 0.95.
        df: degrees of freedom, an integer >= 1; n - 1 for the mean of n values.

    >>> round(t_quantile(0.95, 4), 4)
    2.7764
    """
    if not 0 < level < 1:
        raise ValueError(f"level must be in (0, 1), got {level}")
    if df != int(df) or df < 1:
        raise ValueError(f"df must be an integer >= 1, got {df}")
    low, high = 0.0, math.pi / 2  # the coverage rises with the angle from 0 to 1
    while low < (middle := (low + high) / 2) < high:  # until no float lies between
        if _coverage_of_angle(middle, int(df)) < level:
            low = middle
        else:
            high = middle
    return math.sqrt(df) * math.tan(low)


def mean_interval(samples: Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """Mean, lower and upper end of its t-interval.

    Give differences of runs that share a seed to get a *paired* interval. Several intervals read together
    cover less often than each alone: `level` holds for one.

    Args:
        samples: at least two finite numbers, independent and about normal.
        level: coverage of the interval, 0 < level < 1.

    >>> mean_interval([1.0, 2.0, 3.0])[0]
    2.0
    """
    n = len(samples)
    if n < 2:
        raise ValueError(f"samples must be at least two to show a spread, got {n}")
    if not all(math.isfinite(x) for x in samples):
        raise ValueError(f"samples must be finite, got {list(samples)}")
    mean = math.fsum(samples) / n
    variance = math.fsum((x - mean) ** 2 for x in samples) / (n - 1)
    half = t_quantile(level, n - 1) * math.sqrt(variance / n)
    return mean, mean - half, mean + half


def _coverage_of_angle(theta: float, df: int) -> float:
    sine, cosine = math.sin(theta), math.cos(theta)
    odd = df % 2
    term = cosine if odd else 1.0
    total = term if df > 1 else 0.0
    for k in range(2 + odd, df, 2):  # each term gains cos^2 and (k - 1) / k
        term *= cosine * cosine * (k - 1) / k
        total += term
    return 2 / math.pi * (theta + sine * total) if odd else sine * total
