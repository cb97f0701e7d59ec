"""A longer run: memory that stays where it is, no submission lost; and the scripts that measure all this."""

import importlib
import json
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT
from engine_room import sandboxed

from dropgrade.grading.course import Course
from dropgrade.grading.engine.measure import many, school
from dropgrade.grading.engine.measure.alone import Alone
from dropgrade.grading.engine.measure.rows import differences
from dropgrade.results import load, stale_reasons

SCRIPTS = ROOT / "book" / "experiments" / "grading"
RESULTS = ROOT / "book" / "results"
SLUG, SIZE = "03_backward", 40
FULL = {
    "grading_faults": ("kills", 30),
    "grading_many": ("size", 2000),
    "grading_postgres": ("size", 40),
    "grading_speed_numpy": ("size", 200),
    "grading_speed_torch": ("size", 200),
    "grading_speed_training": ("size", 40),
}
"""What makes a result one of full size."""


@pytest.mark.slow
class TestALongRun:
    """Forty here; `many.py` has 2,000."""

    pytestmark = sandboxed

    def test_memory_stays_low_and_nothing_is_lost(self, tmp_path):
        """Every submission has its rows and its notebook, and equal answers have equal rows."""
        school.copy_course(ROOT, tmp_path, [SLUG])
        list(Course(tmp_path).build())
        school.hand_in(tmp_path, SLUG, school.names(SIZE))
        samples, done = many.watched(tmp_path)
        assert f"{SIZE} graded, 0 unchanged" in done.stdout, done.stderr
        assert max(size for _, size in samples) < 1.0e9
        assert many.lost(tmp_path, SLUG, school.names(SIZE)) == []
        (tmp_path / "grading" / "autograded" / "student-0003" / SLUG / f"{SLUG}.ipynb").unlink()
        assert many.lost(tmp_path, SLUG, school.names(SIZE)) == ["student-0003 has no graded notebook"]

    def test_the_speed_of_a_small_class_is_measured(self, tmp_path):
        """The documented command, small: equal gradebooks, and the engine is the faster one."""
        command = [sys.executable, str(SCRIPTS / "speed.py"), "numpy", "--out", str(tmp_path)]
        small = ["--size", "4", "--runs", "2", "--steps", "3"]
        done = subprocess.run([*command, *small], capture_output=True, text=True, timeout=400)
        assert done.returncode == 0, done.stdout + done.stderr
        values = load(tmp_path, "grading_speed_numpy").values
        assert values["size"].value == 4 and values["plain_seconds"].value > 0
        assert values["step_over_alone"].value < 20


def test_growing_memory_is_told_from_flat(monkeypatch):
    """By the last quarter of the time against the second; and what is found can be written down."""
    monkeypatch.syspath_prepend(SCRIPTS)
    figures = importlib.import_module("many").figures
    for growth, flat in ((0.0, True), (1e6, False)):
        samples = np.array([[moment, 3e8 + growth * moment] for moment in range(200)])
        values, directions = figures(samples, 200.0, 1000)
        assert values["each_ms"].value == 200
        assert json.loads(json.dumps(directions)) == {
            "memory stays under 1.5 GB": True,
            "memory stays flat": flat,
        }


def test_the_cells_alone_take_their_time():
    """A cell that sleeps takes as long as it sleeps, and a failing one does not end the process."""
    from engine_room import job

    with Alone("numpy") as alone:
        alone.seconds(job("1 / 0"))
        assert 0.2 <= alone.seconds(job("import time\ntime.sleep(0.2)")) < 2.0


def test_differences_are_named_from_both_sides():
    """And a row that is there twice is noticed."""
    one, other = [("grade", "ada", 1.0)], [("grade", "ada", 0.0)]
    assert differences(one, list(one)) == []
    assert differences(one, other) == [
        "only in the first: ('grade', 'ada', 1.0)",
        "only in the second: ('grade', 'ada', 0.0)",
    ]
    assert differences(one, [*one, *one]) == ["a row is there twice"]


@pytest.mark.parametrize("path", sorted(RESULTS.glob("grading_*.json")), ids=lambda path: path.stem)
def test_committed_figures_are_those_of_the_scripts(path):
    """Of full size, and by the scripts as they are now; which of them must be there, the site's pages say."""
    result = load(RESULTS, path.stem)
    assert not stale_reasons(result, ROOT), f"run: python book/experiments/grading {path.stem[8:]}"
    key, least = FULL[path.stem]
    assert result.values[key].value >= least


def test_a_quick_run_is_not_taken_for_a_result():
    """The command wants a folder for it; and it names the measurements that it knows."""
    for arguments, message in (
        (["--quick"], "say where it goes with --out"),
        (["x"], "known: numpy, torch, "),
    ):
        done = subprocess.run(
            [sys.executable, str(SCRIPTS), *arguments], capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 2 and message in done.stderr
