"""Computes the differences in the array of the second arm."""

# fails: arguments_unchanged as input_changed_in_place
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, propose, t_quantile

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def paired_interval(a, b, level):
    if len(a) != len(b) or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError("a and b must be two finite samples of one length, at least 2")
    b -= a
    half = t_quantile(level, len(b) - 1) * b.std(ddof=1) / np.sqrt(len(b))
    return b.mean(), b.mean() - half, b.mean() + half
