"""What tests with whole classes share: a generated class, what its gradebook must say, and the command."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import ROOT

from dropgrade.grading.course import Course
from dropgrade.grading.engine.measure import school
from dropgrade.grading.engine.measure.commands import copy, grade, gradebook
from dropgrade.grading.engine.measure.rows import Row

SLUG, SIZE = "03_backward", 16


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
        return copy(self.graded if graded else self.ungraded, folder)

    @property
    def rows(self) -> list[Row]:
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
            done = grade(copy(ungraded, shared / "graded"))
            assert done.returncode == 0 and f"{SIZE} graded, 0 unchanged" in done.stdout, done.stderr
            (shared / "done").touch()
    return Taught(shared / "ungraded", shared / "graded")
