"""Hostile submissions: each gets its honest score, the run ends, and nothing outside is changed or learnt.

Most of the time goes to submissions that hang until a limit ends them; two trials run side by side.
"""

import os

import pytest
from conftest import ROOT

from dropgrade.grading.engine.trial import ATTACKS
from dropgrade.grading.engine.trial.__main__ import run
from dropgrade.grading.engine.trial.court import try_all
from dropgrade.grading.engine.trial.model import PROBE, RIGHT, WRONG, Attack
from dropgrade.grading.engine.trial.record import OUTSIDE, held, record, stale

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
TRIED = ROOT / "book" / "results" / "attacks.json"
LETTERS = set("abcdefghijklmnop")
"""Groups of the attacks that other graders were tried with; those of our own come on top."""


@pytest.fixture(scope="module")
def outcome():
    """All attacks, as this user and, if that is root, as an unprivileged one."""
    return record(run(ROOT, [attack.name for attack in ATTACKS]))


def test_every_attack_gets_its_honest_score_and_learns_nothing(outcome):
    """No probe says yes, no canary is in an output or on a page, and the twin's score is the attacker's."""
    assert [one for one in outcome["attacks"] if not one["failed"]] == []


def test_nothing_outside_is_changed_or_left(outcome):
    """No file, no row of the gradebook, no process, no connection."""
    assert {name: found for name, found in outcome["outside"].items() if found} == {}


def test_root_is_tried_as_somebody_else_as_well(outcome):
    """A sandbox that holds for root alone, or for others alone, is none."""
    users = ["root", "a normal user"] if os.getuid() == 0 else ["a normal user"]
    assert outcome["summary"]["users"] == users
    assert all(len(one["scores"]) == len(users) for one in outcome["attacks"])


def test_the_list_is_long_enough():
    """Everything that was found to work against other graders, and more than twenty attacks of our own."""
    groups = {attack.group for attack in ATTACKS}
    assert groups == LETTERS | {"own"} and sum(attack.group == "own" for attack in ATTACKS) >= 20
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


def test_the_table_on_the_site_is_of_this_engine():
    """The committed outcome is complete, and what it rests on has not changed."""
    mend = "python -m dropgrade.grading.engine.trial --write book/results/attacks.json"
    assert stale(TRIED) == [], f"run: {mend}"


def test_a_court_notices_what_succeeds(tmp_path):
    """Points that were not earned, a probe that says yes, a file that was planted, a neighbour's words."""
    told = PROBE + "probe('secret', lambda: 42)\nreport()\n" + WRONG
    spoken = "print('NEIGHBOUR' + 'CANARY')\n" + WRONG

    def plant(folder, course):
        (course / "grading" / "pwned.txt").touch()

    attacks = (
        Attack("cheat", "own", "", RIGHT, honest=WRONG),
        Attack("tell", "own", "", told),
        Attack("speak", "own", "", spoken),
        Attack("plant", "own", "", WRONG, folder=plant),
    )
    found = record([try_all(tmp_path / "course", ROOT, attacks)])
    assert [one["failed"] for one in found["attacks"]] == [False, False, False, True]
    assert found["attacks"][0]["scores"] == [12.0] and found["attacks"][0]["honest"] == 2.0
    assert found["attacks"][1]["leaked"] == ["secret: 42"]
    assert found["outside"]["planted"] and not held(found) and set(found["outside"]) > set(OUTSIDE)
