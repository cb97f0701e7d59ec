"""nbgrader's steps, run in this process and in silence: what they log is shown only when they fail."""

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from glob import escape
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, BaseConverter, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExportPlugin
from traitlets.config import Config, PyFileConfigLoader

from dropgrade.errors import UnusableCourse
from dropgrade.grading.writing import gradebook_errors

CONFIG_NAME = "nbgrader_config.py"
KERNEL_TROUBLE = ("DeadKernelError", "UnresponsiveKernelError", "CellTimeoutError", "Kernel didn't respond")
"""Names in nbgrader's log that mean: the learner's process ended or stopped answering."""


class StepFailed(Exception):
    """One nbgrader step failed; the message is what nbgrader logged."""

    @property
    def by_the_notebook(self) -> bool:
        """Whether the notebook's own code did it, by ending its process or by never giving back control."""
        return any(name in str(self) for name in KERNEL_TROUBLE)


class Steps:
    """The steps of one course folder, configured by its nbgrader_config.py.

    Args:
        folder: the course's folder, where nbgrader_config.py lies.
        directories: folders that replace the configured ones, such as ``release="grading/release"``.

    Raises:
        UnusableCourse: the folder has no nbgrader_config.py.
    """

    def __init__(self, folder: Path, **directories: str) -> None:
        if not (folder / CONFIG_NAME).is_file():
            raise UnusableCourse(f"{folder} is no course folder: it has no {CONFIG_NAME}")
        self.config: Config = PyFileConfigLoader(CONFIG_NAME, path=str(folder)).load_config()
        self.config.CourseDirectory.root = str(folder.resolve())
        for step, place in directories.items():
            self.config.CourseDirectory[f"{step}_directory"] = place
        self.directory = CourseDirectory(config=self.config)

    def generate_assignment(self, slug: str) -> None:
        """Source notebook -> release notebook, and its graded cells into the gradebook."""
        self._run(GenerateAssignment, slug)

    def autograde(self, slug: str, student: str) -> None:
        """Execute one submission and save its scores, replacing those of an earlier run."""
        self._run(Autograde, slug, student)

    def generate_feedback(self, slug: str, student: str) -> None:
        """One graded notebook -> its feedback page."""
        self._run(GenerateFeedback, slug, student)

    def export(self, plugin: type[ExportPlugin], target: Path) -> int:
        """Let an export plug-in write the gradebook to `target`; returns what it counts, rows or students."""
        with self.gradebook() as gradebook:
            return plugin(config=self.config, to=str(target)).export(gradebook)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """The course's gradebook, opened (and made, if there is none) for a with statement.

        Raises:
            StoppedWriting: another program holds it, the disk is full, or its server is out of reach.
        """
        Path(self.directory.root, "grading").mkdir(exist_ok=True)
        with (
            _environment(),
            gradebook_errors(),
            Gradebook(self.directory.db_url, self.directory.course_id) as gradebook,
        ):
            yield gradebook

    def path(self, step: str, student: str, slug: str) -> Path:
        """Where nbgrader keeps a submission at a step: "submitted", "autograded", "feedback" and so on."""
        return Path(self.directory.format_path(getattr(self.directory, f"{step}_directory"), student, slug))

    def _run(self, converter: type[BaseConverter], slug: str, student: str = "*") -> None:
        self.directory.assignment_id = slug
        # nbgrader takes the id for a glob; a student called [ab] must not grade a and b.
        self.directory.student_id = student if student == "*" else escape(student)
        step = converter(coursedir=self.directory, config=self.config)
        step.force = True
        with _environment(), _silence(step.log) as heard:
            try:
                step.start()
            except Exception as error:
                raise StepFailed(f"{heard()}{error}") from error


@contextmanager
def _silence(logger: logging.Logger) -> Iterator[Callable[[], str]]:
    """Keeps the terminal clear of log, warnings and what kernels print; call the value for what was said.

    Kernels inherit our file descriptors and some write there past Python's `sys.stderr`, so the
    descriptors themselves are turned away.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace") as said, ExitStack() as undo:
        for descriptor in (1, 2):
            saved = os.dup(descriptor)
            undo.callback(os.close, saved)
            undo.callback(os.dup2, saved, descriptor)
            os.dup2(said.fileno(), descriptor)
        handler = logging.StreamHandler(said)
        undo.callback(setattr, logger, "propagate", logger.propagate)
        undo.callback(logger.setLevel, logger.level)
        undo.callback(logger.removeHandler, handler)
        logger.propagate = False
        logger.setLevel(logging.WARNING)
        logger.addHandler(handler)
        undo.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")

        def heard() -> str:
            said.seek(0)
            return said.read()

        yield heard


@contextmanager
def _environment() -> Iterator[None]:
    """The environment that nbgrader's child processes need; afterwards ours is as it was.

    nbgrader calls `alembic` by name, kernels should not fight for cores, and a step that fails leaves
    NBGRADER_EXECUTION behind.
    """
    before = dict(os.environ)
    programs = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([programs, before.get("PATH", os.defpath)])
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
