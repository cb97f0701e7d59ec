"""One row a submission, read from the gradebook and the graded notebooks; exports and the summary show it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.grading.ingest import RESERVED

_BY_PAGE = {known.page: name for name, known in MISCONCEPTIONS.items()}
_PAGE = re.compile(r"\bbook/\w+\.html#[\w-]+")


@dataclass(frozen=True)
class Record:
    """How one submission did.

    Attributes:
        score: points after the late penalty, if any; `max_score` is the exercise's total.
        reason: why the submission was refused (then `score` is 0), or "".
        diagnoses: ids of the misconceptions behind failed checks, each once, in the order of the checks.
        notes: what was mended on the way in, and which answer did not run.
        timestamp: when it was handed in, ISO format in UTC, or "".
    """

    student: str
    exercise: str
    score: float
    max_score: float
    reason: str = ""
    diagnoses: tuple[str, ...] = ()
    notes: str = ""
    timestamp: str = ""


def diagnosis_of(cell: NotebookNode) -> str | None:
    """The misconception that a failed check's message names by its paragraph, or None."""
    for output in cell.get("outputs", []):
        if output.output_type == "error" and output.ename == "CheckFailed":
            pages = _PAGE.findall(output.evalue)
            return _BY_PAGE.get(pages[-1]) if pages else None
    return None


def notes_of(notebook: NotebookNode) -> list[str]:
    """What a reader should know beyond the score: what was mended, and answers that did not even run."""
    notes = list(notebook.metadata.get(RESERVED, {}).get("notes", []))
    for cell in notebook.cells:
        errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        if not errors or not cell.metadata.get("nbgrader", {}).get("solution"):
            continue
        if any(error.ename == "CellTimeoutError" for error in errors):
            notes.append(f"The cell {cell.id} did not end and was stopped.")
        else:
            # IPython names a cell by a number of its own, as in "(2635865928.py, line 1)".
            words = re.sub(r"\(\d+\.py, ", "(", errors[0].evalue.strip().partition("\n")[0])[:100]
            notes.append(f"The cell {cell.id} failed: {errors[0].ename}: {words}.")
    return notes


def read_graded(path: Path) -> NotebookNode | None:
    """A graded notebook, or None when there is none or a stopped run left half of one."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return None


def records(gradebook: Gradebook, directory: CourseDirectory) -> Iterator[Record]:
    """Every submission in the gradebook, ordered by exercise and student."""
    for assignment in sorted(gradebook.assignments, key=lambda one: one.name):
        for submission in sorted(assignment.submissions, key=lambda one: one.student_id):
            yield _record(submission, assignment.name, directory)


def record_of(gradebook: Gradebook, directory: CourseDirectory, slug: str, student: str) -> Record | None:
    """The record of one submission, or None when the gradebook has none."""
    try:
        return _record(gradebook.find_submission(slug, student), slug, directory)
    except MissingEntry:
        return None


def _record(submission, slug: str, directory: CourseDirectory) -> Record:
    folder = directory.format_path(directory.autograded_directory, submission.student_id, slug)
    notebook = read_graded(Path(folder) / f"{slug}.ipynb")
    marks = notebook.metadata.get(RESERVED, {}) if notebook else {}
    reason = marks.get("refused") or ""
    graded = [cell for cell in notebook.cells if utils.is_grade(cell)] if notebook and not reason else []
    found = [diagnosis_of(cell) for cell in graded]  # a learner's own cell may raise what it likes
    moment = submission.timestamp
    return Record(
        student=submission.student_id,
        exercise=slug,
        score=max(0.0, submission.score - (submission.late_submission_penalty or 0.0)),
        max_score=submission.max_score,
        reason=reason,
        diagnoses=tuple(dict.fromkeys(name for name in found if name)),
        notes=" ".join(notes_of(notebook)) if notebook and not reason else "",
        timestamp=f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else "",
    )
