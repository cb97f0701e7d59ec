"""The same care for whoever uses nbgrader itself: its command line, or the formgrader's Autograde button.

`dropgrade grade` ingests submissions before nbgrader sees them. nbgrader reads grading/submitted directly,
copies whatever lies there, links included, and shows it in the feedback. So its hook before each submission
ingests it, and moves what is no plain file out of the way; its first sanitising step then puts the clean
notebook in the place of the one that was read.
"""

import os
import stat
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

from dropgrade.grading.ingest import RESERVED, Ingested, ingest

QUARANTINE = "quarantine"
_clean: dict[str, Ingested] = {}
"""What the hook made of each notebook, until the step takes it."""


class Guard:
    """nbgrader's hook before a submission is converted.

    Args:
        config: the course's nbgrader configuration, as it is when the hook runs.
    """

    def __init__(self, config: Config) -> None:
        self.config = config

    def __call__(self, assignment: str, student: str, notebooks: list[str]) -> None:
        """Ingest each notebook; if that fails in any way, leave nbgrader no notebook to go on with."""
        try:
            directory = CourseDirectory(config=self.config)
            for path in map(Path, notebooks):
                slug = path.parent.name
                release = Path(directory.format_path(directory.release_directory, ".", slug)) / path.name
                if release.is_file():
                    _take_in(path, nbformat.read(release, as_version=4))
        except BaseException:
            notebooks.clear()
            raise


class IngestedCells(NbGraderPreprocessor):
    """nbgrader's first sanitising step in this course: the notebook that the hook made."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Replace the notebook; one of an assignment that the course did not release stays as it is."""
        about = resources["metadata"]
        found = _clean.pop(os.path.abspath(Path(about["path"]) / f"{about['name']}.ipynb"), None)
        if found is None:
            nb.metadata.pop(RESERVED, None)
            return nb, resources
        found.notebook.metadata[RESERVED] = {"refused": found.refused, "notes": found.notes}
        return found.notebook, resources


def _take_in(path: Path, release: NotebookNode) -> None:
    """Ingest one submission and leave only plain files where nbgrader will look."""
    folder = path.parent
    one = ingest(folder, release)
    aside = folder.parents[2] / QUARANTINE / folder.parent.name / folder.name
    for entry in sorted(os.listdir(folder)):
        place = folder / entry
        plain = stat.S_ISREG(place.lstat().st_mode)
        if not plain or (one.refused and place == path):
            aside.mkdir(parents=True, exist_ok=True)
            os.replace(place, aside / entry)
    if not path.exists():
        nbformat.write(release, path)
    _clean[os.path.abspath(path)] = one
