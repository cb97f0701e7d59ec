"""Fixtures shared by the test modules."""

import json
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Before NumPy is loaded: workers whose threads fight over two cores take ten times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from dropgrade.grading import example_class

ROOT = Path(__file__).resolve().parents[2]
NEEDED = "DROPGRADE_NEEDS_SANDBOX"
"""Set where the sandbox is known to work, as in .ci/run: there, a test that cannot have it fails."""
SLUGS = ("01_mask", "02_forward", "03_backward")  # a class of these is graded; the others would take minutes
EXAMPLES = [one for one in example_class.EXAMPLES if one.exercise in SLUGS]


@cache
def missing_sandbox() -> str:
    """Why this machine has no sandbox, and how to mend that; empty if it has one."""
    from dropgrade.doctor import sandbox

    found = sandbox()
    return "" if found.works else f"no sandbox: {found.detail}; mend: {found.mend}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests that need the sandbox are skipped with the reason where it cannot be had."""
    if item.get_closest_marker("sandbox") and missing_sandbox():
        tell = pytest.fail if os.environ.get(NEEDED) else pytest.skip
        tell(missing_sandbox())


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


def fixed_graders() -> bytes:
    """Stands for the digest of the graders' code, so that no edit during a test run makes a class stale."""
    return b"unchanged"


@dataclass(frozen=True)
class GradedClass:
    """The example class and a hostile learner, graded once for the whole test session.

    Attributes:
        folder: the course's folder; read only, copy it to change something.
        lines: what each step said, by its name.
    """

    folder: Path
    lines: dict[str, list[str]]


@pytest.fixture(scope="session")
def graded_class(tmp_path_factory, worker_id) -> GradedClass:
    """Builds, grades and reports the example class; parallel workers share one run."""
    from filelock import FileLock

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if worker_id != "master" else base
    folder, told = shared / "a course", shared / "lines.json"
    with FileLock(shared / "class.lock"):
        if not told.exists():
            lines = _grade_the_class(folder)
            told.write_text(json.dumps(lines), encoding="utf-8")
    return GradedClass(folder, json.loads(told.read_text(encoding="utf-8")))


def _grade_the_class(folder: Path) -> dict[str, list[str]]:
    from dropgrade.grading.course import Course
    from dropgrade.grading.example_class import write_class

    copy_course(folder)
    course = Course(folder)
    lines = {"build": list(course.build()), "example": list(write_class(folder, SLUGS))}
    hand_in_hostile(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dropgrade.grading.course._graders", fixed_graders)
        lines["grade"] = list(course.grade())
    lines["feedback"] = list(course.feedback())
    lines["export"] = [course.export(Path("grading/scores.csv"))]
    lines["summary"] = list(course.summary())
    return lines


def copy_course(folder: Path) -> None:
    """The parts of the repository that make a course folder of three exercises, not built yet."""
    for slug in SLUGS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "solutions" / slug, folder / "solutions" / slug, ignore=ignored)
    for name in ("_config.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder / name)


HOSTILE_CELLS = [
    """\
from IPython.display import HTML, Javascript, display
display(HTML("<script>stolen(1)</script>"), Javascript("stolen(2)"))
display({"image/png": '"><script>stolen(3)</script>'}, raw=True)
display({"text/plain": "kept", "image/svg+xml": "<svg onload='stolen(4)'/>"}, raw=True)
""",
    "### BEGIN HIDDEN TESTS\n'a marker of ours in a cell of theirs'",
]
HOSTILE_PROSE = "<script>stolen(5)</script> [x](javascript:stolen(6)) <img src=x onerror=stolen(7)>"


def hand_in_hostile(folder: Path) -> None:
    """A submission, unanswered, whose own cells try to put scripts on a page."""
    document = json.loads((folder / "exercises" / "01_mask" / "01_mask.ipynb").read_text(encoding="utf-8"))
    document["cells"].append({"cell_type": "markdown", "metadata": {}, "source": HOSTILE_PROSE})
    for source in HOSTILE_CELLS:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        document["cells"].append(cell | {"source": source})
    path = folder / "grading" / "submitted" / "mallory-eve" / "01_mask" / "01_mask.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document), encoding="utf-8")
