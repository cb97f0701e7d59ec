"""Shards: what one machine writes, others run, with interruptions; at home the gradebook is the usual one."""

# ruff: noqa: F811

import os
import signal
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from engine_room import job, sandboxed
from schoolroom import SIZE, taught  # noqa: F401

from dropgrade.errors import CourseError
from dropgrade.grading.engine import shards
from dropgrade.grading.engine.jobs import Result
from dropgrade.grading.engine.measure.commands import (
    DROPGRADE,
    executed,
    finish,
    grade,
    gradebook,
    start,
    wait_for,
)
from dropgrade.grading.engine.store import Store
from dropgrade.grading.engine.warm import Settings

SLURM = ROOT / "book" / "instructor" / "slurm_array.sh"
JOBS = [job(f"def f(x):\n    return x + {n}", "assert f(1) > 0") for n in range(5)]


def array(folder: Path, number: int) -> subprocess.Popen:
    """One task of a Slurm array, as Slurm starts it."""
    environment = os.environ | {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_CPUS_PER_TASK": "2"}
    environment["PATH"] = f"{Path(DROPGRADE).parent}:{environment['PATH']}"
    return subprocess.Popen(
        ["bash", str(SLURM), str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_each_job_is_in_one_shard(tmp_path):
    """Equal notebooks once, and no file holds more than was asked for."""
    assert shards.write(tmp_path, [*JOBS, *JOBS], Settings(), size=2) == 3
    lines = [path.read_text().splitlines() for path in sorted(tmp_path.glob("shard-*"))]
    assert [len(part) for part in lines] == [2, 2, 1]
    assert sorted(line for part in lines for line in part) == sorted(one.dumps() for one in JOBS)


def test_shards_are_not_written_over(tmp_path):
    """Unless their writing was interrupted: then they are incomplete, and nobody has run them."""
    (tmp_path / "shard-00000.jsonl").write_text("half a")
    assert shards.write(tmp_path, JOBS, Settings()) == 1
    with pytest.raises(CourseError, match="holds shards already; collect them"):
        shards.write(tmp_path, JOBS, Settings())


def test_nothing_to_do_makes_no_folder(tmp_path):
    """A class without changes has no shards."""
    assert shards.write(tmp_path / "none", [], Settings()) == 0
    assert not (tmp_path / "none").exists()


def test_limits_travel_with_the_shards(tmp_path):
    """A machine of the cluster sees no course folder, so it reads them there."""
    given = Settings(cell=3.5, packages=("scipy",))
    shards.write(tmp_path, JOBS, given)
    assert shards._settings(tmp_path) == given


def test_another_version_is_turned_away(tmp_path, monkeypatch):
    """Its checks may be other ones, and its results would not be found."""
    shards.write(tmp_path, JOBS, Settings())
    monkeypatch.setattr(shards, "fingerprint", lambda: "another")
    with pytest.raises(CourseError, match="another version of dropgrade"):
        list(shards.run(tmp_path, 0))


@pytest.mark.parametrize("number", [1, 7])
def test_a_shard_that_is_not_there_is_said(tmp_path, number):
    """With its number, as a line and not a traceback."""
    shards.write(tmp_path, JOBS, Settings())
    with pytest.raises(CourseError, match=f"has no shard {number}"):
        list(shards.run(tmp_path, number))


def test_collecting_counts_what_is_missing(tmp_path):
    """Half a result is none."""
    shards.write(tmp_path, JOBS, Settings())
    found = Store(tmp_path / "results")
    for one in JOBS[:3]:
        found.put(Result(one.key, [], [], 0.0))
    (tmp_path / "results" / f"{JOBS[0].key}.json").write_text("{")
    home = Store(tmp_path / "home")
    assert shards.collect(tmp_path, home) == (
        "2 results collected, 3 are missing: `dropgrade grade` runs those itself"
    )
    assert home.get(JOBS[1].key) and not home.get(JOBS[0].key)


def test_an_empty_folder_has_nothing_to_collect(tmp_path):
    """Most likely it is the wrong one."""
    with pytest.raises(CourseError, match="holds no shards"):
        shards.collect(tmp_path, Store(tmp_path / "home"))


@pytest.mark.slow
class TestOnACluster:
    """A whole class by way of the Slurm script; its tasks see the shards and nothing else of the course."""

    pytestmark = sandboxed

    def test_an_interrupted_array_gives_the_usual_gradebook(self, taught, tmp_path):
        """A task is killed and submitted again, another never runs; nothing is run twice, nothing is lost."""
        course, folder = taught.copy(tmp_path / "course"), tmp_path / "shards"
        written = finish(start(course, "shards", "write", str(folder)))
        assert written.stdout == f"1 shards in {folder}: run 0 to 0\n", written.stderr
        first = array(folder, 0)
        wait_for(lambda: len(list((folder / "results").glob("*.json"))) >= 5)
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
        before = len(list((folder / "results").glob("*.json")))
        again = finish(array(folder, 0))
        assert f"shard 0: {SIZE - before} run, {before} had been run before" in again.stdout, again.stderr
        lost = next((folder / "results").glob("*.json"))
        lost.unlink()
        collected = finish(start(course, "shards", "collect", str(folder)))
        assert collected.stdout.startswith(f"{SIZE - 1} results collected, 1 are missing"), collected.stderr
        stamps = {path: path.stat().st_mtime_ns for path in (course / "grading" / "executed").iterdir()}
        done = grade(course)
        assert f"{SIZE} graded, 0 unchanged" in done.stdout, done.stderr
        assert all(path.stat().st_mtime_ns == stamp for path, stamp in stamps.items())
        assert executed(course) == SIZE
        assert gradebook(course) == taught.rows

    def test_the_script_says_what_it_wants(self, tmp_path):
        """A folder, and to be started as an array."""
        environment = {"PATH": os.environ["PATH"]}
        for arguments, message in ((["x"], "start this with sbatch --array"), ([], "give the folder")):
            done = subprocess.run(
                ["bash", str(SLURM), *arguments], env=environment, capture_output=True, text=True
            )
            assert done.returncode != 0 and message in done.stderr
