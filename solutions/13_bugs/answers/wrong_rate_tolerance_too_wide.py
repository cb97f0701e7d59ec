"""The tolerance is so wide that neighbouring rates pass."""

# fails: the_test_can_fail as test_cannot_fail
from dropgrade.reference.repairs import *  # noqa: F403


def rate_is_right(keep, p):
    return bool(abs(1 - keep.mean() - p) < 0.15)
