"""What the engine's tests share: a farm for a module, jobs from code, the mark for the sandbox."""

import pytest

from dropgrade.grading.engine.farm import Farm
from dropgrade.grading.engine.jobs import LEARNER, PREPARE, TEST, Cell, Job, Result, make_job
from dropgrade.grading.engine.warm import Settings

sandboxed = [pytest.mark.sandbox]
SETUP = "import numpy as np\nfrom dropgrade.checks import check"


@pytest.fixture(scope="module")
def farm():
    """A warm farm of the NumPy family; ended with the module."""
    with Farm(Settings()) as one:
        yield one


def job(learner: str, *tests: str, setup: str = SETUP) -> Job:
    """A notebook of a setup cell, the learner's cell and test cells."""
    return make_job([Cell(PREPARE, setup), Cell(LEARNER, learner), *(Cell(TEST, source) for source in tests)])


def said(result: Result, place: int = -1) -> str:
    """The text of a cell's outputs, errors by name and message."""
    words = []
    for output in result.cells[place]["outputs"]:
        if output["output_type"] == "error":
            words.append(f"{output['ename']}: {output['evalue']}")
        else:
            words.append(output.get("text") or output["data"].get("text/plain", ""))
    return "".join(words)
