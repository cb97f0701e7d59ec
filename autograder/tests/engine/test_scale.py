"""A longer run: memory that stays where it is, no submission lost; and the scripts that measure all this."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from engine_room import sandboxed

from dropgrade.grading.course import Course
from dropgrade.grading.engine.measure import commands, many, school
from dropgrade.grading.engine.measure.alone import Alone
from dropgrade.grading.engine.measure.rows import differences
from dropgrade.results import load

SCRIPTS = ROOT / "book" / "experiments" / "grading"
RESULTS = ROOT / "book" / "results"
SLUG, SIZE = "01_mask", 60


@pytest.mark.slow
class TestALongRun:
    """Sixty here; `many.py` has 2,000."""

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
        command = [
            sys.executable,
            str(SCRIPTS / "speed.py"),
            "01_mask",
            "numpy",
            "--size",
            "6",
            "--runs",
            "1",
        ]
        done = subprocess.run(
            [*command, "--steps", "3", "--out", str(tmp_path)], capture_output=True, text=True, timeout=400
        )
        assert done.returncode == 0, done.stdout + done.stderr
        values = load(tmp_path, "grading_speed_numpy").values
        assert values["size"].value == 6 and values["plain_seconds"].value > 0
        assert values["step_over_alone"].value < 20


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


@pytest.mark.parametrize("name", ["grading_faults", "grading_many", "grading_speed_numpy"])
def test_committed_figures_are_those_of_the_scripts(name):
    """Whole, by the scripts as they are now, and of full size."""
    result = load(RESULTS, name)
    assert not [path for path in result.sources if not (ROOT / path).exists() and not _ours(path).exists()]
    full = {
        "grading_faults": ("kills", 30),
        "grading_many": ("size", 2000),
        "grading_speed_numpy": ("size", 200),
    }
    key, least = full[name]
    assert result.values[key].value >= least


def _ours(path: str) -> Path:
    return Path(commands.__file__).parents[4] / path
