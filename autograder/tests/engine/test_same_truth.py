"""Honest submissions: plain nbgrader and the engine write the same gradebook, row by row.

A sample by default; ``DROPGRADE_EACH=24`` in the environment takes 24 answers of each exercise.
"""

import os

import pytest
from conftest import ROOT

from dropgrade.grading.engine.trial.honest import Honest, same_truth, slugs, submissions

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
EACH = int(os.environ.get("DROPGRADE_EACH", "0"))


def sample() -> list[Honest]:
    """A right and a wrong answer of each exercise, or as many as the environment asks for."""
    return [one for slug in slugs(ROOT) for one in submissions(ROOT, slug, EACH or 2)]


def test_both_gradebooks_say_the_same(tmp_path):
    """Every score, comment, timestamp and penalty; some answers earn everything and some do not."""
    found = same_truth(tmp_path, ROOT, sample())
    assert found["differences"] == []
    assert found["rows"] > 10 * len(found["scores"]) and len(found["scores"]) == len(sample())
    earned = [score == most for _, _, score, most in found["scores"]]
    assert any(earned) and not all(earned)


def test_right_and_wrong_answers_of_every_exercise_are_compared():
    """New exercises join by themselves; those with kernels, which the sandbox cannot run, stay out."""
    chosen = slugs(ROOT)
    assert chosen[:3] == ["01_mask", "02_forward", "03_backward"] and "09_gpu" not in chosen
    names = [one.path.stem for slug in chosen[:3] for one in submissions(ROOT, slug)]
    assert len(names) >= 60 and 0.4 < sum(name.startswith("wrong_") for name in names) / len(names) < 0.6
