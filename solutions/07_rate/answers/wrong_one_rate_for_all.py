"""Tunes one learning rate for the mean over all arms."""

# fails: each_arm_has_its_own_rate as shared_rate
import numpy as np

from dropgrade.reference.paired import compare, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def choose(validation):
    means = np.where(np.isfinite(validation), validation, np.inf).mean(axis=(0, 2))
    return [int(means.argmin())] * len(validation)
