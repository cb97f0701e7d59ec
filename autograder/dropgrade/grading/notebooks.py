"""From a lesson in plain text to the nbgrader source notebook, byte for byte the same every time.

A lesson is one py:percent file. Its cell keys are short (`grade_id=`, `solution=`, `check=`); this
module expands them into nbgrader's metadata, takes the points from the exercise's registry and
refuses a lesson that breaks a rule, naming the file, the cell and the rule.
"""

import ast
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import jupytext
import nbformat
import yaml
from jupytext.config import JupytextConfiguration
from nbformat import NotebookNode

from dropgrade.errors import UnusableCourse

SETUP_ID = "setup"
CHECK_IMPORT = "from dropgrade.checks import check"
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
HEADER = {"title": str, "slug": str, "minutes": int, "difficulty": int, "chapter": str}
OPTIONAL = {"needs": list}
"""Exercises and software that a lesson builds on; the syllabus shows them."""
PAIR = ["### BEGIN SOLUTION", "### END SOLUTION"]
# A learner may have redefined `check` by then, so the hidden half fetches its own.
HIDDEN_TESTS = """\
### BEGIN HIDDEN TESTS
import dropgrade.checks
{call}
### END HIDDEN TESTS"""
COLAB = """\
import sys

if "google.colab" in sys.modules:  # a fresh Colab machine lacks the course's checks
    import subprocess

    tools = "git+{repository}#subdirectory=autograder"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", tools], check=True)

"""


class GradedCheck(Protocol):
    """What the builder needs to know of one check."""

    id: str
    points: int


class GradedExercise(Protocol):
    """What the builder needs to know of an exercise; `dropgrade.checks.Exercise` fits."""

    slug: str
    functions: tuple[str, ...]
    checks: tuple[GradedCheck, ...]


@dataclass(frozen=True)
class Lesson:
    """One lesson file, read but not yet judged: its header and its cells in order."""

    path: Path
    header: dict
    cells: list[NotebookNode]

    def fail(self, rule: str, number: int | None = None) -> UnusableCourse:
        """The error to raise: file, cell (counted from 1, with its first line) and the rule it breaks."""
        where = f"{self.path.parent.name}/{self.path.name}"
        if number is not None:
            first_line = self.cells[number - 1].source.strip().split("\n")[0][:60]
            where += f", cell {number} ({first_line})"
        return UnusableCourse(f"{where}: {rule}")


def read_lesson(path: Path) -> Lesson:
    """Read a py:percent lesson and check its header.

    Raises:
        UnusableCourse: the file is missing, its header is no YAML block, or a header key is missing,
            unknown or of the wrong type.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableCourse(f"{path.parent.name}/{path.name} cannot be read: {error}") from error
    settings = JupytextConfiguration(root_level_metadata_as_raw_cell=False)
    try:
        notebook = jupytext.reads(text, fmt="py:percent", config=settings)
    except yaml.YAMLError as error:
        raise UnusableCourse(f"{path.parent.name}/{path.name}: the header is not YAML: {error}") from error
    header = dict(notebook.metadata.get("jupytext", {}).get("root_level_metadata", {}))
    lesson = Lesson(path, header, notebook.cells)
    _check_header(lesson)
    return lesson


def _check_header(lesson: Lesson) -> None:
    if sorted(lesson.header.keys() - OPTIONAL.keys()) != sorted(HEADER):
        raise lesson.fail(
            f"the header must hold exactly {', '.join(HEADER)}, and may hold {', '.join(OPTIONAL)}; "
            f"it has {sorted(lesson.header)}"
        )
    for key, kind in (HEADER | OPTIONAL).items():
        if type(lesson.header.get(key, [])) is not kind:
            raise lesson.fail(f"{key} must be {kind.__name__}, got {lesson.header[key]!r}")
    if lesson.header["slug"] != lesson.path.parent.name:
        raise lesson.fail(f"slug must be the folder's name, got {lesson.header['slug']!r}")
    if not 1 <= lesson.header["difficulty"] <= 5:
        raise lesson.fail(f"difficulty must be 1 to 5, got {lesson.header['difficulty']}")


def build_notebook(lesson: Lesson, exercise: GradedExercise, repository: str = "") -> NotebookNode:
    """The nbgrader source notebook of a lesson: solutions and hidden tests still inside.

    Args:
        lesson: a lesson as read by `read_lesson`.
        exercise: its checks with their points, and the functions a learner writes.
        repository: address of the course's public git repository; when given, the setup cell
            fetches the checks on Colab. Anywhere else that cell stays silent.

    Returns:
        A notebook of format 4.5 whose cell ids depend on the lesson's text alone.

    Raises:
        UnusableCourse: a cell breaks a rule of the lesson format.
    """
    builder = _Builder(lesson, exercise, repository)
    cells = [builder.convert(number, cell) for number, cell in enumerate(lesson.cells, start=1)]
    builder.finish()
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=KERNEL)
    nbformat.validate(notebook)
    return notebook


def dumps(notebook: NotebookNode) -> str:
    """A notebook as text the way nbgrader's writer lays it out, with one newline at the end."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


class _Builder:
    """Converts the cells of one lesson in order, remembering what it has seen."""

    def __init__(self, lesson: Lesson, exercise: GradedExercise, repository: str) -> None:
        self.lesson = lesson
        self.exercise = exercise
        self.repository = repository
        self.points = {check.id: check.points for check in exercise.checks}
        self.grade_ids: set[str] = set()
        self.cell_ids: set[str] = set()
        self.defined: set[str] = set()

    def convert(self, number: int, cell: NotebookNode) -> NotebookNode:
        keys = {key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"}
        if number == 1:
            return self._prose(self._with_facts(cell))
        if cell.cell_type == "markdown":
            if keys:
                raise self.lesson.fail(f"a Markdown cell takes no keys, got {sorted(keys)}", number)
            return self._prose(cell.source)
        if cell.cell_type != "code":
            raise self.lesson.fail(f"only Markdown and code cells are used, got {cell.cell_type}", number)
        if set(keys) == {"check"}:
            return self._check(number, cell.source, keys["check"])
        if set(keys) == {"grade_id", "solution"} and keys["solution"] is True:
            return self._solution(number, cell.source, keys["grade_id"])
        if keys:
            raise self.lesson.fail(
                f'a code cell takes check="...", or grade_id="..." solution=true; got {keys}', number
            )
        return self._plain(number, cell.source)

    def finish(self) -> None:
        """The rules that only show once every cell was seen."""
        missing = [name for name in self.points if name not in self.grade_ids]
        if missing:
            raise self.lesson.fail(f"every check needs one cell; missing: {', '.join(missing)}")
        if SETUP_ID not in self.grade_ids:
            raise self.lesson.fail(f"one code cell must hold `{CHECK_IMPORT}`")
        undefined = [name for name in self.exercise.functions if name not in self.defined]
        if undefined:
            raise self.lesson.fail(f"no solution cell defines {', '.join(undefined)}")

    def _with_facts(self, cell: NotebookNode) -> str:
        """The title cell with difficulty, minutes and chapter under its heading."""
        header = self.lesson.header
        heading, _, rest = cell.source.partition("\n")
        if cell.cell_type != "markdown" or heading != f"# {header['title']}":
            raise self.lesson.fail(f"the first cell must be Markdown that starts `# {header['title']}`", 1)
        facts = (
            f"**Difficulty** {header['difficulty']} of 5 · **about {header['minutes']} minutes** · "
            f"**read first** [the chapter](../../{header['chapter']})"
        )
        return f"{heading}\n\n{facts}\n\n{rest.strip()}".rstrip()

    def _prose(self, source: str) -> NotebookNode:
        return nbformat.v4.new_markdown_cell(source, id=self._content_id("md", source))

    def _plain(self, number: int, source: str) -> NotebookNode:
        if "BEGIN SOLUTION" in source or "HIDDEN TESTS" in source:
            raise self.lesson.fail("a solution or hidden-test region stands outside its cell kind", number)
        if CHECK_IMPORT not in source:
            return nbformat.v4.new_code_cell(source, id=self._content_id("code", source))
        # Locked: without the import every check of a submission would die of a NameError.
        if self.repository:
            source = COLAB.format(repository=self.repository) + source
        return self._graded(number, SETUP_ID, source, locked=True)

    def _solution(self, number: int, source: str, grade_id: str) -> NotebookNode:
        lines = [line.strip() for line in source.split("\n")]
        markers = [line for line in lines if line in PAIR]
        if not markers or markers != PAIR * (len(markers) // 2):
            raise self.lesson.fail(
                "a solution cell holds pairs of ### BEGIN SOLUTION, ### END SOLUTION", number
            )
        if grade_id in self.points:
            raise self.lesson.fail(f"grade_id {grade_id!r} is the name of a check", number)
        self.defined |= {node.name for node in self._parse(number, source) if hasattr(node, "name")}
        return self._graded(number, grade_id, source, solution=True)

    def _check(self, number: int, source: str, name: str) -> NotebookNode:
        if name not in self.points:
            known = ", ".join(self.points)
            raise self.lesson.fail(f"{self.exercise.slug} has no check {name!r}; it has {known}", number)
        source = source.strip()
        start = f'check("{self.exercise.slug}.{name}"'
        if len(self._parse(number, source)) != 1 or not source.startswith(start) or not source.endswith(")"):
            raise self.lesson.fail(f"a check cell is one call: {start}, ...)", number)
        hidden = HIDDEN_TESTS.format(call=f"dropgrade.checks.{source}")
        points = self.points[name]
        return self._graded(number, name, f"{source}\n{hidden}", grade=True, locked=True, points=points)

    def _parse(self, number: int, source: str) -> list[ast.stmt]:
        try:
            return ast.parse(source).body
        except SyntaxError as error:
            raise self.lesson.fail(f"the cell is not Python: {error}", number) from error

    def _graded(self, number: int, grade_id: str, source: str, **flags) -> NotebookNode:
        """A code cell that nbgrader knows: its id is its grade_id."""
        if grade_id in self.grade_ids:
            raise self.lesson.fail(f"grade_id {grade_id!r} is used twice", number)
        if not isinstance(grade_id, str) or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", grade_id):
            raise self.lesson.fail(f"grade_id must be letters, digits, _ and -, got {grade_id!r}", number)
        self.grade_ids.add(grade_id)
        metadata = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
        metadata |= {"grade_id": grade_id} | flags
        return nbformat.v4.new_code_cell(source, id=grade_id, metadata={"nbgrader": metadata})

    def _content_id(self, kind: str, source: str) -> str:
        """An id from the text, so that a new cell does not rename those after it."""
        digest = hashlib.sha256(source.encode()).hexdigest()
        for length in range(8, 61):
            name = f"{kind}-{digest[:length]}"
            if name not in self.cell_ids:
                self.cell_ids.add(name)
                return name
        raise self.lesson.fail("the same prose stands in more than fifty cells")
