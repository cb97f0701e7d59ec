"""Damaged notebooks: 3,000 of them through the ingest, a sample through the whole engine.

``DROPGRADE_FUZZ=3000`` in the environment takes so many through the engine as well.
"""

import os

import nbformat
import pytest
from conftest import ROOT
from nbgrader.nbgraderformat import MetadataValidator

from dropgrade.grading.engine.trial import fuzz
from dropgrade.grading.engine.trial.mutate import mutated
from dropgrade.grading.ingest import ingest
from dropgrade.grading.notebooks import dumps

pytestmark = pytest.mark.slow
SAMPLE = int(os.environ.get("DROPGRADE_FUZZ", "40"))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose notebooks are damaged."""
    return fuzz.make_course(tmp_path_factory.mktemp("fuzz") / "course", ROOT)


def test_the_ingest_takes_whatever_comes(course, tmp_path):
    """Each comes out valid with every graded cell once, or as the unanswered notebook with a reason."""
    valid = fuzz.valid_notebooks(course, ROOT)
    releases = {
        slug: nbformat.read(course.folder / "exercises" / slug / f"{slug}.ipynb", 4) for slug in fuzz.SLUGS
    }
    refused = 0
    for seed in range(fuzz.COUNT):
        slug, notebook = valid[seed % len(valid)]
        path = tmp_path / slug / f"{slug}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(mutated(notebook, seed))
        done = ingest(path.parent, releases[slug])
        marked = [c.metadata.nbgrader.grade_id for c in done.notebook.cells if "nbgrader" in c.metadata]
        wanted = [c.metadata.nbgrader.grade_id for c in releases[slug].cells if "nbgrader" in c.metadata]
        assert sorted(marked) == sorted(wanted), seed
        assert done.refused is None or len(done.refused) > 20, seed
        dumps(done.notebook).encode()
        if seed % 20 == 0:  # it is slow
            nbformat.validate(done.notebook)
            MetadataValidator().validate_nb(done.notebook)
        refused += done.refused is not None
    assert 0.1 < refused / fuzz.COUNT < 0.6  # both outcomes were tried


def test_a_seed_makes_the_same_bytes(course):
    """So that a number names a notebook; different numbers name different ones."""
    _, notebook = fuzz.valid_notebooks(course, ROOT)[0]
    assert mutated(notebook, 5) == mutated(notebook, 5) != mutated(notebook, 6)


@pytest.mark.sandbox
def test_no_damaged_notebook_stops_a_class(course):
    """Each is scored, or zero with a reason; nobody is left out."""
    count = fuzz.hand_in(course, ROOT, range(SAMPLE))
    assert list(course.grade(fuzz.SLUGS))[-1] == f"{count} graded, 0 unchanged since they were graded"
    found = fuzz.outcome(course, count)
    assert found["gaps"] == [] and 0 < found["refused"] < count and found["full_marks"] > 0
