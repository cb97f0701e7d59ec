"""Uses 1.96 whatever the number of seeds and the level."""

# fails: interval_is_students as normal_for_t
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def paired_interval(a, b, level):
    if len(a) != len(b) or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError("a and b must be two finite samples of one length, at least 2")
    d = b - a
    half = 1.96 * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean(), d.mean() - half, d.mean() + half
