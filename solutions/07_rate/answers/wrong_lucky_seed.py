"""Takes the learning rate with the best single run."""

# fails: each_arm_has_its_own_rate as lucky_seed
import numpy as np

from dropgrade.reference.paired import compare, measure, paired_interval, propose

__all__ = ["choose", "compare", "measure", "paired_interval", "propose"]


def choose(validation):
    errors = np.where(np.isfinite(validation), validation, np.inf)
    return errors.min(axis=2).argmin(axis=1).tolist()
