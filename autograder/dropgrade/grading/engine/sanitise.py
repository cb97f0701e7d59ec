"""From a submitted notebook to a job: nbgrader's own sanitising steps, without asking its database each time.

The steps and their order are the configured ones (`Autograde.sanitize_preprocessors`); those that would open
a gradebook are replaced by children of theirs that ask a `Master`.
"""

import json
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.converters import Autograde
from nbgrader.preprocessors import (
    CheckCellMetadata,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
)
from traitlets.config import Config

from dropgrade.grading.engine.jobs import Cell, Job, make_job
from dropgrade.grading.engine.master import Master


class OverwriteFromMaster(OverwriteCells):
    """nbgrader's OverwriteCells with a `Master`, found in the resources, in the place of a gradebook."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Put the text, type, points and checksum of every graded cell back."""
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id = names["notebook"], names["assignment"]
        self.gradebook = names["master"]
        nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
        if self.add_missing_cells:
            nb, resources = self.add_missing_grade_cells(nb, resources)
            nb, resources = self.add_missing_task_cells(nb, resources)
        return nb, resources


class KernelFromMaster(OverwriteKernelspec):
    """nbgrader's OverwriteKernelspec with a `Master`."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Put the source notebook's kernelspec back."""
        kernel = resources["nbgrader"]["master"].kernel()
        if kernel:
            nb.metadata["kernelspec"] = kernel
        return nb, resources


class CheckNewMetadata(CheckCellMetadata):
    """nbgrader's CheckCellMetadata, which looks at metadata that it has passed before no second time.

    In a class nearly all cells carry the same metadata, and checking one costs a millisecond.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.passed: set[str] = set()

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Check a notebook; the errors are nbgrader's."""
        marks = {
            place: json.dumps([cell.cell_type, cell.metadata.get("nbgrader")], sort_keys=True)
            for place, cell in enumerate(nb.cells)
        }
        ids = [cell.metadata.nbgrader.get("grade_id") for cell in nb.cells if cell.metadata.get("nbgrader")]
        if len(ids) != len(set(ids)):
            return super().preprocess(nb, resources)
        unseen = [cell for place, cell in enumerate(nb.cells) if marks[place] not in self.passed]
        super().preprocess(NotebookNode(nb, cells=unseen), resources)
        self.passed.update(marks.values())
        return nb, resources


SUBSTITUTES: dict[type, type] = {
    OverwriteCells: OverwriteFromMaster,
    OverwriteKernelspec: KernelFromMaster,
    CheckCellMetadata: CheckNewMetadata,
}
"""What stands for a step of nbgrader's where a whole class goes through the same steps."""


class Sanitiser:
    """The configured sanitising steps, ready to be applied to one notebook after the other.

    Args:
        config: the course's nbgrader configuration.
    """

    def __init__(self, config: Config) -> None:
        self.steps = pipeline(Autograde(config=config).sanitize_preprocessors, SUBSTITUTES, config)

    def apply(self, notebook: NotebookNode, master: Master) -> NotebookNode:
        """The notebook with every cell that is not the learner's restored; it may be changed in place.

        Raises:
            nbgrader.nbgraderformat.ValidationError, SchemaTooOldError, SchemaTooNewError: its metadata are
                beyond repair.
        """
        resources = resources_of(master)
        for step in self.steps:
            notebook, resources = step(notebook, resources)
        return notebook


def pipeline(classes: list[Any], substitutes: dict[type, type], config: Config) -> list[Any]:
    """Instances of nbconvert preprocessors, configured, some replaced by other classes."""
    return [substitutes.get(cls, cls)(config=config) for cls in classes]


def resources_of(master: Master, **names: Any) -> dict[str, Any]:
    """What nbgrader's steps expect to be told about a notebook."""
    about = {"notebook": master.name, "assignment": master.assignment, "master": master, **names}
    return {"metadata": {"name": master.name}, "nbgrader": about, "unique_key": master.name}


def job_of(notebook: NotebookNode, master: Master) -> Job:
    """The job of a sanitised notebook; its cells are the notebook's code cells in order."""
    return make_job(
        Cell(master.kind(cell), cell.source) for cell in notebook.cells if cell.cell_type == "code"
    )


def is_judged(cell: NotebookNode) -> bool:
    """Whether nbgrader will take this cell's outputs for a score."""
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)
