"""Writes infinity over the diverged runs of its caller's table."""

# fails: arguments_unchanged as input_changed_in_place
import numpy as np

from dropgrade.reference.paired import compare, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def choose(validation):
    validation[~np.isfinite(validation)] = np.inf
    return validation.mean(axis=2).argmin(axis=1).tolist()
