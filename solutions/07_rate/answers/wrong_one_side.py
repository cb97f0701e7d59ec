"""Leaves the whole rest of the level to each side."""

# fails: interval_is_students as one_sided_level
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, propose, t_quantile

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def paired_interval(a, b, level):
    if len(a) != len(b) or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError("a and b must be two finite samples of one length, at least 2")
    d = b - a
    half = t_quantile(2 * level - 1, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), d.mean() - half, d.mean() + half
