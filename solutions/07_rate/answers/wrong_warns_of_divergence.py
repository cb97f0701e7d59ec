"""Warns that a run has diverged."""

# fails: quiet as noisy
import warnings

import numpy as np

from dropgrade.reference.paired import compare, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def choose(validation):
    means = validation.mean(axis=2)
    if not np.isfinite(means).all():
        warnings.warn("some runs have diverged", stacklevel=2)
    return np.where(np.isfinite(means), means, np.inf).argmin(axis=1).tolist()
