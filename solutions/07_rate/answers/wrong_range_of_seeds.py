"""Reports the lowest and the highest difference."""

# fails: interval_is_students as None
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def paired_interval(a, b, level):
    if len(a) != len(b) or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError("a and b must be two finite samples of one length, at least 2")
    d = b - a
    return d.mean(), d.min(), d.max()
