"""Writing results: nbgrader's own last steps, one writer, one connection, one commit for each submission.

What `nbgrader autograde` spends on a submission besides running it goes to nine database engines, three
readings of the notebook and a validation after every step. Here the same steps run in the same order on a
notebook in memory; the three that open a gradebook are replaced by children that share ours. The gradebook
and the file under autograded/ are those that nbgrader writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, Execute, NbGraderPreprocessor, SaveAutoGrades
from sqlalchemy.exc import OperationalError
from traitlets.config import Config

from dropgrade.grading.engine.execute import EngineExecute
from dropgrade.grading.engine.master import Master
from dropgrade.grading.engine.sanitise import SUBSTITUTES, pipeline, resources_of
from dropgrade.grading.writing import StoppedWriting, is_locked, why_not, write_whole

LOCKED_TRIES = 6


class SaveShared(SaveAutoGrades):
    """nbgrader's SaveAutoGrades on the open submission: no query and no commit for each cell."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Save the score of each graded cell and the "No response" of each unanswered one."""
        submitted: SubmittedNotebook = resources["nbgrader"]["row"]
        self.grades = {grade.cell.name: grade for grade in submitted.grades}
        self.comments = {comment.cell.name: comment for comment in submitted.comments}
        return NbGraderPreprocessor.preprocess(self, nb, resources)

    def _add_score(self, cell: NotebookNode, resources: dict) -> None:
        grade = self.grades[cell.metadata.nbgrader["grade_id"]]
        try:
            grade.auto_score, _ = utils.determine_grade(cell, self.log)
        except ValueError:  # a test cell that ends in more than its points
            grade.auto_score = 0.0
        grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None

    def _add_comment(self, cell: NotebookNode, resources: dict) -> None:
        marks = cell.metadata.nbgrader
        unanswered = marks.get("checksum") == utils.compute_checksum(cell) and not utils.is_task(cell)
        self.comments[marks["grade_id"]].auto_comment = "No response." if unanswered else None


class PenaltyShared(AssignLatePenalties):
    """nbgrader's AssignLatePenalties on the open submission."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Ask the configured plug-in for a penalty when the submission is late."""
        self.init_plugin()
        submitted: SubmittedNotebook = resources["nbgrader"]["row"]
        late = submitted.assignment.total_seconds_late
        submitted.late_submission_penalty = None
        if late > 0:
            student = resources["nbgrader"]["student"]
            penalty = self.plugin_inst.late_submission_penalty(student, submitted.score, late)
            if penalty is not None:
                submitted.late_submission_penalty = self._check_late_penalty(submitted, penalty)
        return nb, resources


class AlreadyRun(EngineExecute):
    """Stands where Execute stands: the outputs are in the notebook already."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Nothing is left to do."""
        return nb, resources


class Writer:
    """Writes results into the gradebook and under autograded/.

    Args:
        config: the course's nbgrader configuration.
        directory: its folders.
        gradebook: open; used by nobody else while the writer lives.
    """

    def __init__(self, config: Config, directory: CourseDirectory, gradebook: Gradebook) -> None:
        self.directory, self.gradebook = directory, gradebook
        autograde = Autograde(coursedir=directory, config=config)
        self.permissions = int(str(autograde.permissions), 8)
        shared = {**SUBSTITUTES, SaveAutoGrades: SaveShared, AssignLatePenalties: PenaltyShared}
        for cls in autograde.autograde_preprocessors:
            if issubclass(cls, (Execute, EngineExecute)):
                shared[cls] = AlreadyRun
        self.steps = pipeline(autograde.autograde_preprocessors, shared, config)
        # Objects stay as they were read after a commit: a class is thousands of them.
        gradebook.db.remove()
        gradebook.db.configure(expire_on_commit=False)

    def write(self, student: str, master: Master, notebook: NotebookNode, timestamp: str | None) -> None:
        """Save one executed notebook: its scores, then the file; either may be done again at any time.

        Raises:
            StoppedWriting: the disk is full, or another program did not let go of the gradebook.
            CourseError: this submission's files cannot be written.
        """
        for attempt in range(LOCKED_TRIES):
            try:
                with self._transaction():
                    submission = self._submission(student, master.assignment, timestamp)
                    notebook = self._run_steps(student, master, notebook, submission)
                break
            except OperationalError as error:
                if not is_locked(error) or attempt == LOCKED_TRIES - 1:
                    raise StoppedWriting(why_not(error)) from error
        self._write_file(student, master, notebook)

    def _run_steps(
        self, student: str, master: Master, notebook: NotebookNode, submission: SubmittedAssignment
    ) -> NotebookNode:
        row = next(one for one in submission.notebooks if one.name == master.name)
        resources = resources_of(master, student=student, row=row, db_url=self.directory.db_url)
        for step in self.steps:
            notebook, resources = step(notebook, resources)
        nbformat.validate(notebook, relax_add_props=True)
        return notebook

    def _submission(self, student: str, assignment: str, timestamp: str | None) -> SubmittedAssignment:
        """The submission's rows, made if there are none, as nbgrader makes them but without a commit."""
        moment = utils.parse_utc(timestamp) if timestamp else None
        try:
            submission = self.gradebook.find_submission(assignment, student)
        except MissingEntry:
            return self._new_submission(student, assignment, moment)
        if moment:
            submission.timestamp = moment
        return submission

    def _new_submission(self, student: str, assignment: str, moment: Any) -> SubmittedAssignment:
        database = self.gradebook.db
        try:
            person = self.gradebook.find_student(student)
        except MissingEntry:
            person = Student(id=student)
            database.add(person)
        with database.no_autoflush:
            task = self.gradebook.find_assignment(assignment)
            submission = SubmittedAssignment(assignment=task, student=person, timestamp=moment)
            for notebook in task.notebooks:
                row = SubmittedNotebook(notebook=notebook, assignment=submission)
                for cell in notebook.grade_cells:
                    Grade(cell=cell, notebook=row)
                for cell in notebook.solution_cells:
                    Comment(cell=cell, notebook=row)
                for cell in notebook.task_cells:
                    Comment(cell=cell, notebook=row)
                    Grade(cell=cell, notebook=row)
            database.add(submission)  # last: everything that hangs on it by now comes with it
        return submission

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            yield
            self.gradebook.db.commit()
        except BaseException:
            self.gradebook.db.rollback()
            raise
        finally:
            self.gradebook.db.expunge_all()

    def _write_file(self, student: str, master: Master, notebook: NotebookNode) -> None:
        """The autograded notebook, whole or not at all, with what else nbgrader puts beside it."""
        where = self.directory
        source = Path(where.format_path(where.submitted_directory, student, master.assignment))
        target = Path(where.format_path(where.autograded_directory, student, master.assignment))
        self._copy_others(source, target)
        self._put(target / f"{master.name}.ipynb", nbformat.writes(notebook).encode())

    def _copy_others(self, source: Path, target: Path) -> None:
        origin = Path(self.directory.format_path(self.directory.source_directory, ".", target.name))
        for folder in (source, origin):
            for path in map(Path, utils.find_all_files(str(folder), [*self.directory.ignore, "*.ipynb"])):
                if path.is_file() and not path.is_symlink():
                    self._put(target / path.relative_to(folder), path.read_bytes())

    def _put(self, path: Path, content: bytes) -> None:
        write_whole(path, content, self.permissions)
