"""What the gradebook knows of a notebook's graded cells, read once and then used for a whole class.

nbgrader's own steps ask the database for each cell of each submission; `Master` answers the same questions
from memory, so that its step `OverwriteCells` can do its work on any machine and in any order.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import OverwriteCells

from dropgrade.grading.engine.jobs import LEARNER, PREPARE, TEST


@dataclass(frozen=True)
class MasterCell:
    """A cell as the instructor wrote it; the names are nbgrader's, whose steps read them."""

    name: str
    source: str
    cell_type: str
    locked: bool
    checksum: str
    max_score: float | None
    solution: bool
    task: bool


@dataclass(frozen=True)
class Master:
    """The graded cells of one notebook, with the methods of a gradebook that nbgrader's steps call.

    Attributes:
        assignment, name: of the notebook.
        kernelspec: as the gradebook keeps it, JSON text or None.
        cells: in the order of the notebook.
    """

    assignment: str
    name: str
    kernelspec: str | None
    cells: tuple[MasterCell, ...]

    @classmethod
    def read(cls, gradebook: Gradebook, assignment: str, notebook: str) -> "Master":
        """Read it from the gradebook; nbgrader's MissingEntry if the notebook is not there."""
        found = gradebook.find_notebook(notebook, assignment)
        points = {cell.name: float(cell.max_score) for cell in (*found.grade_cells, *found.task_cells)}
        solutions = {cell.name for cell in found.solution_cells}
        tasks = {cell.name for cell in found.task_cells}
        cells = (
            MasterCell(
                name=cell.name,
                source=cell.source,
                cell_type=cell.cell_type,
                locked=cell.locked,
                checksum=cell.checksum,
                max_score=points.get(cell.name),
                solution=cell.name in solutions,
                task=cell.name in tasks,
            )
            for cell in found.source_cells
        )
        return cls(assignment, notebook, found.kernelspec, tuple(cells))

    @cached_property
    def by_name(self) -> dict[str, MasterCell]:
        """The cells by their ids."""
        return {cell.name: cell for cell in self.cells}

    def kind(self, cell: NotebookNode) -> str:
        """Where a code cell of a sanitised notebook may run: kinds of `jobs.Cell`.

        A cell is the course's own only if its text is, letter for letter, the one in the gradebook; what
        its metadata claim counts for nothing.
        """
        marks = cell.metadata.get("nbgrader", {})
        master = self.by_name.get(marks.get("grade_id"))
        if master is None or not master.locked or master.solution or not _is_master(cell.source, master):
            return LEARNER
        return PREPARE if master.max_score is None else TEST

    # What follows is what `nbgrader.preprocessors.OverwriteCells` asks a gradebook.

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> MasterCell:
        """The source cell of that name."""
        return self._find(name, lambda cell: True)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> MasterCell:
        """The graded cell of that name."""
        return self._find(name, lambda cell: cell.max_score is not None)

    def find_notebook(self, notebook: str, assignment: str) -> "Master":
        """This very notebook."""
        return self

    @property
    def source_cells(self) -> list[MasterCell]:
        """All cells, in order."""
        return list(self.cells)

    @property
    def grade_cells(self) -> list[MasterCell]:
        """The cells with points."""
        return [cell for cell in self.cells if cell.max_score is not None and not cell.task]

    @property
    def solution_cells(self) -> list[MasterCell]:
        """The cells that learners write."""
        return [cell for cell in self.cells if cell.solution]

    @property
    def task_cells(self) -> list[MasterCell]:
        """The cells that are graded by hand as a whole."""
        return [cell for cell in self.cells if cell.task]

    def kernel(self) -> dict[str, Any] | None:
        """The kernelspec of the source notebook."""
        return json.loads(self.kernelspec) if self.kernelspec else None

    def _find(self, name: str, wanted: Callable[[MasterCell], bool]) -> MasterCell:
        cell = self.by_name.get(name)
        if cell is None or not wanted(cell):
            raise MissingEntry(f"No such cell: {self.assignment}/{self.name}/{name}")
        return cell


def _is_master(source: str, master: MasterCell) -> bool:
    """Whether a text is the master's, or the master's put back by nbgrader with its comment above."""
    notice = OverwriteCells.missing_cell_notification.default_value.format(cell_id=master.name)
    return source in (master.source, f"# {notice}{master.source}")
