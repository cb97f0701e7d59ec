"""The test only asks whether some entries are kept and some are dropped."""

# fails: the_test_can_fail as test_cannot_fail
from dropgrade.reference.repairs import *  # noqa: F403


def rate_is_right(keep, p):
    return bool(keep.any() and not keep.all())
