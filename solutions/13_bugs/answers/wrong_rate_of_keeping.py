"""The test compares the share of kept entries with the rate of dropping."""

# fails: the_test_can_fail as test_cannot_fail
from dropgrade.reference.repairs import *  # noqa: F403


def rate_is_right(keep, p):
    return bool(abs(keep.mean() - p) < 0.03)
