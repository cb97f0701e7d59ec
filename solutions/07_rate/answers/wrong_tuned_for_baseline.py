"""Gives every arm the learning rate that suits the baseline."""

# fails: each_arm_has_its_own_rate as shared_rate
import numpy as np

from dropgrade.reference.paired import compare, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def choose(validation):
    means = np.where(np.isfinite(validation), validation, np.inf).mean(axis=2)
    return [int(means[0].argmin())] * len(validation)
