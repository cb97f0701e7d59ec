"""Reports mean and standard deviation, as many tables do."""

# fails: interval_is_students as spread_for_error
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def paired_interval(a, b, level):
    if len(a) != len(b) or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError("a and b must be two finite samples of one length, at least 2")
    d = b - a
    return d.mean(), d.mean() - d.std(ddof=1), d.mean() + d.std(ddof=1)
