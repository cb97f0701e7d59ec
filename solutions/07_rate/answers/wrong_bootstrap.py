"""Resamples four differences and calls their percentiles an interval."""

# fails: interval_covers as covers_too_seldom
import numpy as np

from dropgrade.reference.paired import choose, compare, measure, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def paired_interval(a, b, level):
    if len(a) != len(b) or len(a) < 2 or not np.isfinite([a, b]).all():
        raise ValueError("a and b must be two finite samples of one length, at least 2")
    d = b - a
    means = np.random.default_rng(0).choice(d, size=(400, len(d))).mean(axis=1)
    return d.mean(), *np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
