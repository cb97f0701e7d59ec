"""Takes the highest error for the best."""

# fails: each_arm_has_its_own_rate as highest_error_chosen
import numpy as np

from dropgrade.reference.paired import compare, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def choose(validation):
    means = np.where(np.isfinite(validation), validation, -np.inf).mean(axis=2)
    return means.argmax(axis=1).tolist()
