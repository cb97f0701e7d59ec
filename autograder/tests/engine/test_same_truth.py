"""Honest submissions: plain nbgrader and the engine write the same gradebook, row by row.

A sample by default; ``DROPGRADE_EACH=10`` in the environment takes 10 answers of each exercise.
"""

import json
import os

import pytest
from conftest import ROOT

from dropgrade.grading.engine.trial.honest import EACH_SLOW, Honest, defined, same_truth, slugs, submissions

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
EACH = int(os.environ.get("DROPGRADE_EACH", "0"))
RECORD = ROOT / "book" / "results" / "same_truth.json"


def sample() -> list[Honest]:
    """A right answer of each exercise, and a wrong one where that is cheap; or as the environment says."""
    every = {slug: len(submissions(ROOT, slug)) for slug in slugs(ROOT)}
    few = {slug: EACH or (2 if number > EACH_SLOW else 1) for slug, number in every.items()}
    return [one for slug, number in few.items() for one in submissions(ROOT, slug, number)]


def test_both_gradebooks_say_the_same(tmp_path):
    """Every score, comment, timestamp and penalty; some answers earn everything and some do not."""
    found = same_truth(tmp_path, ROOT, sample())
    assert found["differences"] == []
    assert found["rows"] > 10 * len(found["scores"]) and len(found["scores"]) == len(sample())
    earned = [score == most for _, _, score, most in found["scores"]]
    assert any(earned) and not all(earned)


def test_right_and_wrong_answers_of_every_exercise_are_compared():
    """New exercises join by themselves, also those with kernels."""
    chosen = slugs(ROOT)
    assert chosen[:3] == ["01_mask", "02_forward", "03_backward"] and "09_gpu" in chosen
    found = {slug: [one.path.stem for one in submissions(ROOT, slug)] for slug in chosen}
    assert all(found.values())
    names = [name for stems in found.values() for name in stems]
    assert len(names) >= 60 and 0.3 < sum(name.startswith("wrong_") for name in names) / len(names) < 0.6


def test_what_an_answer_takes_from_the_reference_is_written_out(tmp_path):
    """A learner has no reference to import; the solution stands in the gaps that the answer leaves."""
    path = tmp_path / "wrong_x.py"
    start = (
        '"""Scales twice."""\n\n# fails: a as b\nfrom dropgrade.reference.noises import (\n    zoneout,\n)\n'
    )
    path.write_text(start + "def gaussian(): return 2\n")
    one = Honest("12_variants", path)
    assert one.stands_alone and one.text == "def gaussian(): return 2\n"
    assert one.cell("def gaussian(): return 1") == one.text
    assert one.cell("def zoneout(): pass") == "def zoneout(): pass"
    assert defined(one.cell("def gaussian(): pass\ndef zoneout(): pass")) == {"gaussian", "zoneout"}
    path.write_text('"""Uses a helper."""\nfrom dropgrade.reference.noises import _secret\n')
    assert not one.stands_alone


def test_the_record_on_the_site_says_what_is_asked_of_it():
    """At least 60 submissions, right and wrong, and no row that differs."""
    found = json.loads(RECORD.read_text(encoding="utf-8"))
    assert found["submissions"] >= 60 and min(found["right"], found["wrong"]) >= 15
    assert found["differences"] == [] and found["rows"] > 10 * found["submissions"]
    assert set(found["exercises"]) <= set(slugs(ROOT)) and len(found["exercises"]) >= 9
