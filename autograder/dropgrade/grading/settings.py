"""How the course uses nbgrader: which steps run, in which order, and what may reach a page.

nbgrader itself stays as it is; everything here goes through its documented plug points, so plain
`nbgrader` commands in the course folder behave like `dropgrade` ones.
"""

from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader import preprocessors as steps
from traitlets.config import Config

from dropgrade.grading.engine.execute import EngineExecute
from dropgrade.grading.guard import Guard, IngestedCells
from dropgrade.grading.preprocessors import (
    ImpatientExecute,
    MarkGraded,
    PlainOutputs,
    Report,
    StripHiddenTests,
)

CELL_SECONDS = 10
"""A cell that runs longer is interrupted; the checks end an endless function sooner by themselves."""


def configure(c: Config) -> None:
    """Add the course's way of working to an nbgrader configuration; call it in nbgrader_config.py."""
    c.ClearSolutions.code_stub = {"python": "raise NotImplementedError()"}
    c.Execute.timeout = c.EngineExecute.cell_seconds = CELL_SECONDS
    c.Autograde.pre_convert_hook = Guard(c)
    c.Autograde.sanitize_preprocessors = [
        IngestedCells,
        steps.ClearOutput,
        steps.DeduplicateIds,
        steps.OverwriteKernelspec,
        steps.OverwriteCells,
        steps.CheckCellMetadata,
    ]
    c.Autograde.autograde_preprocessors = [
        EngineExecute,
        PlainOutputs,  # before anything is stored: the instructor's pages show these outputs too
        steps.IgnorePattern,
        ClearMetadataPreprocessor,
        steps.LimitOutput,
        steps.SaveAutoGrades,
        steps.AssignLatePenalties,
        steps.CheckCellMetadata,
        MarkGraded,  # last: its mark says that the grades above are in the gradebook
    ]
    c.GenerateFeedback.preprocessors = [steps.GetGrades, StripHiddenTests, PlainOutputs, Report]
    c.GenerateFeedback.exporter_class = "dropgrade.grading.pages.FeedbackPage"
    c.FeedbackPage.template_name = "feedback"
    c.FeedbackPage.extra_template_basedirs = [str(Path(__file__).parent / "templates")]
    c.FeedbackPage.filters = {"clean_html": "dropgrade.grading.safe_html.clean_html"}
    c.HTMLExporter.filters = {"markdown2html": "dropgrade.grading.pages.safe_markdown"}  # for the formgrader
    c.ExportApp.plugin_class = "dropgrade.grading.exports.ScoresCsv"


def trust_submissions(c: Config) -> None:
    """Leave out the guard: what nbgrader shall read was ingested already."""
    c.Autograde.pre_convert_hook = None
    chosen = c.Autograde.sanitize_preprocessors
    c.Autograde.sanitize_preprocessors = [step for step in chosen if step is not IngestedCells]


def use_plain_executor(c: Config) -> None:
    """Put nbgrader's own executor where the engine's stands: for comparison, or where no sandbox works."""
    steps = c.Autograde.autograde_preprocessors
    c.Autograde.autograde_preprocessors = [
        ImpatientExecute if step is EngineExecute else step for step in steps
    ]
