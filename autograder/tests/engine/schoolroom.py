"""What tests with whole classes share: a generated class, what its gradebook must say, and the command."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT

from dropgrade.grading.course import Course
from dropgrade.grading.engine.measure import rows, school

SLUG, SIZE = "01_mask", 16
DROPGRADE = str(Path(sys.executable).with_name("dropgrade"))


@dataclass(frozen=True)
class Taught:
    """A class of `SIZE`.

    Attributes:
        ungraded: a course folder with the submissions; read only, see `copy`.
        graded: the same, graded once without any trouble.
    """

    ungraded: Path
    graded: Path

    def copy(self, folder: Path, graded: bool = False) -> Path:
        """A copy that a test may change."""
        return Path(shutil.copytree(self.graded if graded else self.ungraded, folder, symlinks=True))

    @property
    def rows(self) -> list[rows.Row]:
        """What the gradebook must say."""
        return gradebook(self.graded)


@pytest.fixture(scope="session")
def taught(tmp_path_factory, worker_id) -> Taught:
    """Made once for the whole test session; parallel workers share it."""
    from filelock import FileLock

    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if worker_id != "master" else base) / "taught"
    with FileLock(f"{shared}.lock"):
        if not (shared / "done").exists():
            ungraded = shared / "ungraded"
            school.copy_course(ROOT, ungraded, [SLUG])
            list(Course(ungraded).build())
            school.hand_in(ungraded, SLUG, school.names(SIZE))
            done = grade(shutil.copytree(ungraded, shared / "graded"))
            assert done.returncode == 0 and f"{SIZE} graded, 0 unchanged" in done.stdout, done.stderr
            (shared / "done").touch()
    return Taught(shared / "ungraded", shared / "graded")


def gradebook(course: Path) -> list[rows.Row]:
    """The rows of a course's gradebook."""
    return rows.rows(f"sqlite:///{course / 'grading' / 'gradebook.db'}")


def start(course: Path, *arguments: str, command: tuple[str, ...] = ("grade",)) -> subprocess.Popen:
    """Start `dropgrade grade` on a course, in a process group of its own."""
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(DROPGRADE).parent}:{os.environ['PATH']}",
    }
    return subprocess.Popen(
        [DROPGRADE, *command, *arguments, "--course", str(course)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen, seconds: float = 240) -> subprocess.CompletedProcess:
    """Wait for a command."""
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def grade(course: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run `dropgrade grade` on a course."""
    return finish(start(course, *arguments))


def executed(course: Path) -> int:
    """How many notebooks of a course were run so far."""
    return len(list((course / "grading" / "executed").glob("*.json")))


def wait_for(fact: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
