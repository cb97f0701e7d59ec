"""Lets one value stand for all seeds of an arm."""

# fails: refuses_what_has_no_interval as interval_from_nothing
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, propose, t_quantile

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def paired_interval(a, b, level):
    if not np.isfinite(a).all() or not np.isfinite(b).all() or max(len(a), len(b)) < 2:
        raise ValueError("at least two finite values are needed")
    d = b - a
    half = t_quantile(level, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), d.mean() - half, d.mean() + half
