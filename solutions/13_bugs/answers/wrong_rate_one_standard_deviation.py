"""The limit is one standard deviation, so that one right mask in three is refused."""

# fails: the_test_can_fail as repair_changes_more
import numpy as np

from dropgrade.reference.repairs import *  # noqa: F403


def rate_is_right(keep, p):
    return bool(abs(1 - keep.mean() - p) < np.sqrt(p * (1 - p) / keep.size))
