"""What the statistical checks of 07_rate promise to catch, computed, and who gets away with nothing."""

import numpy as np
import pytest

from dropgrade.checks import exercise, run, studies, study_judges
from dropgrade.checks.ex07_rate import LEVEL, TRIES
from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.checks.statistics import at_most, false_alarm, limits
from dropgrade.checks.studies import ALPHA
from dropgrade.checks.verdicts import Failed
from dropgrade.reference import paired

RIGHT = {name: getattr(paired, name) for name in exercise("07_rate").functions}
JUNK = [None, "rate", 0.1, [], {}, np.zeros((2, 2)), np.full(3, np.nan), [[1, 2], [3]], (1, 2, 3), object()]


def missed(n, q, other, alpha=ALPHA):
    """Chance that a count of n with chance `other` looks like one with chance q."""
    low, high = limits(n, q, alpha)
    return 1 - false_alarm(n, other, low, high)


@pytest.mark.parametrize("off", [-0.06, 0.06])
def test_coverage_that_is_off_by_six_points_is_seen(off):
    """In 99 of 100 runs, as the check says; and a right answer's false alarm stays within its budget."""
    low, high = limits(TRIES, LEVEL, ALPHA)
    assert missed(TRIES, LEVEL, LEVEL + off) < 0.01
    assert false_alarm(TRIES, LEVEL, low, high) <= ALPHA


def test_studies_that_hold_too_seldom_are_seen():
    """62 of 100 instead of 80 fall below the limit in 99 of 100 runs."""
    limit = max(k for k in range(401) if at_most(k, 400, 0.8) < ALPHA)
    assert at_most(limit, 400, 0.62) > 0.99


@pytest.mark.parametrize("off", [-0.06, 0.06])
def test_a_quarter_that_is_off_by_six_points_is_seen(off):
    """In 99 of 100 runs."""
    assert missed(4_000, 0.25, 0.25 + off) < 0.01


def test_false_alarms_add_up_to_less_than_one_in_a_million():
    """Over all checks of the exercise."""
    assert exercise("07_rate").false_alarm <= 1e-6


def test_trained_errors_stay_far_from_the_limits():
    """Over 20 seeds a good setting is many deviations below its limit, the hopeless ones above theirs."""
    train, judge = study_judges.digits()
    settings = [{"p": 0.0, "rate": 0.1}, {"p": 0.97, "rate": 0.1}, {"p": 0.0, "rate": 1e-4}]
    found = paired.measure(settings, range(20), study_judges.BUDGET, train, judge)
    once = paired.measure(settings[:1], range(20), study_judges.BUDGET | {"steps": 1}, train, judge)
    good, *hopeless = [*found, once[0]]
    assert (study_judges.MOST - good.mean()) / good.std() > 8
    for errors in hopeless:  # means of two seeds are judged
        assert (errors.mean() - study_judges.LEAST) / (errors.std() / np.sqrt(2)) > 8


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_junk_ends_in_a_verdict_with_a_sentence(junk):
    """Whatever comes back, no check crashes, none is passed but by refusing, each says something."""
    report = run("07_rate", dict.fromkeys(RIGHT, lambda *arguments: junk), seed=3)
    assert report["score"] == 0
    for one in report["checks"]:
        assert one["message"].endswith(".") and "dropgrade" not in one["message"]
        assert one["diagnosis"] is None or one["diagnosis"] in MISCONCEPTIONS


@pytest.mark.parametrize(
    ("report", "word"),
    [
        ({"rates": (0, 1), "mean": 0, "low": -1, "high": 1}, "without verdict"),
        ({"rates": (0, 9), "mean": 0, "low": -1, "high": 1, "verdict": "better"}, "from 0 to 3"),
        ({"rates": 1, "mean": 0, "low": -1, "high": 1, "verdict": "better"}, "two places"),
        ({"rates": (0, 1), "mean": 0, "low": 1, "high": -1, "verdict": "better"}, "low is above high"),
        ({"rates": (0, 1), "mean": 0, "low": -1, "high": 1, "verdict": 1}, "should be a word"),
    ],
)
def test_a_report_says_what_is_missing(report, word):
    """Each part of a report has a message of its own."""
    with pytest.raises(Failed, match=word):
        studies.read_report(report, 4)
