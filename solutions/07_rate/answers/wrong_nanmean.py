"""Averages over the runs that did not diverge."""

# fails: each_arm_has_its_own_rate as diverged_chosen
import numpy as np

from dropgrade.reference.paired import compare, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def choose(validation):
    errors = np.where(np.isfinite(validation), validation, np.nan)
    return np.nanmean(errors, axis=2).argmin(axis=1).tolist()
