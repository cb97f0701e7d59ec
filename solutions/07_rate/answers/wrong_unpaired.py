"""Adds the variances of the two arms, as if their seeds were strangers."""

# fails: interval_is_students as arms_not_paired
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, propose, t_quantile

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def paired_interval(a, b, level):
    if len(a) != len(b) or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError("a and b must be two finite samples of one length, at least 2")
    mean, df = b.mean() - a.mean(), len(a) + len(b) - 2
    half = t_quantile(level, df) * np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return mean, mean - half, mean + half
