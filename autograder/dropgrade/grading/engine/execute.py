"""nbgrader's step "Execute" done by the engine: for ``nbgrader autograde`` and the formgrader's button.

Put `EngineExecute` where `Execute` stands in ``c.Autograde.autograde_preprocessors``; everything else of
nbgrader stays as it is.
"""

import atexit
import threading
from dataclasses import replace

from nbformat import NotebookNode, from_dict
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, List, Unicode

from dropgrade.grading.engine import outputs
from dropgrade.grading.engine.farm import Farm
from dropgrade.grading.engine.jobs import TEST, Result
from dropgrade.grading.engine.layers import SHOUT
from dropgrade.grading.engine.master import Master
from dropgrade.grading.engine.sanitise import is_judged, job_of
from dropgrade.grading.engine.warm import Settings
from dropgrade.grading.ingest import RESERVED

_farms: dict[Settings, Farm] = {}
_farms_lock = threading.Lock()


class EngineExecute(NbGraderPreprocessor):
    """Runs a notebook's cells in the engine's jailed processes and puts their outputs in."""

    sandbox = Bool(True, help="False runs learners' code without protection.").tag(config=True)
    cell_seconds = Float(10.0, help="Time limit for a learner's cell, or its slowest check's if longer.").tag(
        config=True
    )
    test_seconds = Float(30.0, help="Time limit for a test cell beyond its checks' own.").tag(config=True)
    total_seconds = Float(300.0, help="Time limit for a submission beyond its checks' own.").tag(config=True)
    packages = List(Unicode(), help="Distributions that learners may import besides the usual.").tag(
        config=True
    )

    def settings(self) -> Settings:
        """How this step runs notebooks."""
        return Settings(
            jailed=self.sandbox,
            cell=self.cell_seconds,
            test=self.test_seconds,
            total=self.total_seconds,
            packages=tuple(self.packages),
        )

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Execute a sanitised notebook.

        Raises:
            SandboxError: the sandbox lacks a layer; the notebook was not run.
        """
        names = resources["nbgrader"]
        master = names.get("master")
        if master is None:
            with Gradebook(names["db_url"]) as gradebook:
                master = Master.read(gradebook, names["assignment"], names["notebook"])
        if not self.sandbox:
            self.log.warning(SHOUT)
        job = job_of(nb, master)
        result = farm_for(replace(self.settings(), family=job.family)).run(job)
        for remark in result.odd:
            self.log.warning("%s: %s", names.get("student"), remark)
        put_outputs(nb, master, result)
        return nb, resources


def put_outputs(notebook: NotebookNode, master: Master, result: Result) -> None:
    """Put the outputs of a result into its notebook's code cells.

    nbgrader gives full marks to a graded cell without outputs; so one that was not judged gets an error. A
    notebook whose process ended before any check passed gets that as the reason of its zero.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, ran in zip(cells, result.cells, strict=True):
        cell.execution_count = ran["count"]
        cell.outputs = [from_dict(output) for output in ran["outputs"]]
        if is_judged(cell) and master.kind(cell) != TEST:
            refusal = outputs.failure("NotJudged", "This is not the cell that was handed out.")
            cell.outputs = [from_dict(refusal)]
    if result.ended and not any(_scores(cell) for cell in cells):
        notebook.metadata.setdefault(RESERVED, {})["refused"] = f"{result.ended}, and no check passed."


def _scores(cell: NotebookNode) -> bool:
    """Whether a cell is graded and earned something."""
    return is_judged(cell) and not utils.has_failed(cell)


def farm_for(settings: Settings) -> Farm:
    """The farm of this process with those settings, started when it is first asked for."""
    with _farms_lock:
        if settings not in _farms:
            _farms[settings] = Farm(settings)
        return _farms[settings]


@atexit.register
def close_farms() -> None:
    """End all farms of this process."""
    with _farms_lock:
        while _farms:
            _farms.popitem()[1].close()
