"""Small steps that this course adds to nbgrader's lists: safe outputs, no hidden tests, a readable report."""

import math

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests, Execute, NbGraderPreprocessor
from traitlets import Integer, Unicode

from dropgrade.checks import exercise
from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.errors import CourseError
from dropgrade.grading.engine.limits import checks_in
from dropgrade.grading.ingest import RESERVED
from dropgrade.grading.records import diagnosis_of, notes_of
from dropgrade.grading.safe_html import plain_output


class ImpatientExecute(Execute):
    """nbgrader's Execute, which waits less for later cells once one had to be interrupted.

    An endless function is usually called by several cells; waiting the full limit for each would cost a
    minute to learn nothing new. The shorter limit still leaves a check the time to say so itself.
    """

    timeout_after_interrupt = Integer(5, help="Seconds for a cell after an interrupted one.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict, km=None) -> tuple[NotebookNode, dict]:
        """Execute the notebook with a limit for each cell: it has its checks' time on top of the usual.

        After an interrupted cell the limit is the shorter one.
        """

        def limit(cell: NotebookNode) -> int:
            outputs = [output for other in nb.cells for output in other.get("outputs", [])]
            late = any(output.get("ename") == "CellTimeoutError" for output in outputs)
            usual = self.timeout_after_interrupt if late else self.timeout
            return math.ceil(usual + (not late) * sum(check.seconds for check in checks_in(cell.source)))

        self.timeout_func = limit
        return super().preprocess(nb, resources, km)


class PlainOutputs(NbGraderPreprocessor):
    """Keeps text and true pictures of every output; scripts, HTML and widgets never reach a page."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Filter the outputs of a code cell in place."""
        if cell.cell_type == "code":
            cell.outputs = [kept for kept in map(plain_output, cell.outputs) if kept]
        return cell, resources


class MarkGraded(NbGraderPreprocessor):
    """Marks the notebook as graded with the key it came with; an interrupted run leaves no mark."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Copy the key that `Course.grade` put into the metadata."""
        marks = nb.metadata.get(RESERVED, {})
        if "key" in marks:
            marks["graded"] = marks["key"]
        return nb, resources


class StripHiddenTests(ClearHiddenTests):
    """Removes hidden tests from graded cells, also from the tracebacks that quote them.

    A learner's own cells are left alone: nbgrader's class stops when it meets its markers there.
    """

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Strip source and tracebacks of a graded cell in place."""
        if not utils.is_grade(cell):
            return cell, resources
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [f"{output.ename}: {output.evalue}"]
        return super().preprocess_cell(cell, resources, index)


class Report(NbGraderPreprocessor):
    """Collects what the feedback page shows first: one line for each check, in words."""

    site = Unicode("", help="Address of the course's site, or the way there from a feedback page.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Put the report into `resources["dropgrade"]`, where the page template finds it."""
        marks = nb.metadata.get(RESERVED, {})
        slug = resources["nbgrader"]["assignment"]
        try:
            known = exercise(slug)
            title, facts = known.title, {check.id: check.fact for check in known.checks}
        except CourseError:  # a notebook from outside the course still gets its page
            title, facts = slug, {}
        resources["dropgrade"] = {
            "title": title,
            "refused": marks.get("refused"),
            "notes": notes_of(nb),
            "score": _points(max(0, resources["nbgrader"]["score"])),
            "max_score": _points(resources["nbgrader"]["max_score"]),
            "penalty": _points(resources["nbgrader"]["late_penalty"] or None),
            "checks": [self._line(cell, facts) for cell in nb.cells if utils.is_grade(cell)],
            "cells": [cell for cell in nb.cells if _worth_showing(cell)],
        }
        return nb, resources

    def _line(self, cell: NotebookNode, facts: dict[str, str]) -> dict:
        grade_id = cell.metadata.nbgrader.grade_id
        score, points = cell.metadata.nbgrader.score, cell.metadata.nbgrader.points
        known = MISCONCEPTIONS.get(diagnosis_of(cell))
        advice = f" Read “{known.name}”: {known.page}." if known else ""
        return {
            "id": grade_id,
            "fact": facts.get(grade_id, grade_id.replace("_", " ")),
            "score": _points(score),
            "points": _points(points),
            "passed": score == points,
            "message": _message(cell).removesuffix(advice),
            "read": known.name if known else None,
            "page": f"{self.site.rstrip('/')}/{known.page}" if known and self.site else None,
        }


def _message(cell: NotebookNode) -> str:
    """What a check said: the text of its error, or the one line it printed."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            return output.evalue if output.ename == "CheckFailed" else f"{output.ename}: {output.evalue}"
    printed = [output.text for output in cell.get("outputs", []) if output.output_type == "stream"]
    return "".join(printed).strip().partition("\n")[0]


def _points(score: float | None) -> str:
    """Points as a person writes them: 3, not 3.0; empty for none."""
    return f"{score:g}" if score else "0" if score == 0 else ""


def _worth_showing(cell: NotebookNode) -> bool:
    """Whether a cell belongs on the feedback page: not the course's own prose, imports and checks."""
    ours = cell.metadata.get(RESERVED, {}).get("course") or cell.metadata.get("nbgrader", {}).get("locked")
    return not ours and cell.cell_type != "raw"
