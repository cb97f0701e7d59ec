"""The test wants exactly the expected number of drops."""

# fails: the_test_can_fail as repair_changes_more
from dropgrade.reference.repairs import *  # noqa: F403


def rate_is_right(keep, p):
    return int((~keep).sum()) == round(p * keep.size)
