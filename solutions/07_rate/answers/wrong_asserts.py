"""Asserts instead of raising ValueError."""

# fails: refuses_what_has_no_interval as raises_wrong_error
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, propose, t_quantile

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def paired_interval(a, b, level):
    assert len(a) == len(b) >= 2 and np.isfinite([a, b]).all()
    d = b - a
    half = t_quantile(level, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), d.mean() - half, d.mean() + half
