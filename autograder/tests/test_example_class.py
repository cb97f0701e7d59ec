"""The example class: enough kinds of submissions, scores the checks confirm, a real class left alone."""

import runpy
import shutil

import pytest

from dropgrade.checks import exercise, run
from dropgrade.checks.api import slugs
from dropgrade.checks.runner import check_file
from dropgrade.errors import UnusableCourse
from dropgrade.grading.example_class import EXAMPLES, write_class

FROM_FILES = [one for one in EXAMPLES if one.answer.isidentifier() and not one.reason]


@pytest.fixture
def built(root, tmp_path):
    """A course folder with the committed release notebooks and the answers."""
    for name in ("solutions", "exercises"):
        shutil.copytree(root / name, tmp_path / name)
    return tmp_path


def files(folder):
    """Every file under grading/submitted with its content; a link with where it points."""
    found = sorted((folder / "grading" / "submitted").rglob("*"))
    return {
        p: p.readlink() if p.is_symlink() else p.read_bytes() for p in found if p.is_symlink() or p.is_file()
    }


def test_the_class_covers_what_happens_in_a_class():
    """All exercises; right in several styles, wrong in several ways, and ways to be unusable."""
    assert {one.exercise for one in EXAMPLES} == set(slugs())
    assert len(EXAMPLES) >= 15
    assert len({one.answer for one in EXAMPLES if one.answer.startswith("right_") and not one.reason}) >= 5
    assert len({one.answer for one in EXAMPLES if one.answer.startswith("wrong_")}) >= 5
    assert sum(bool(one.reason) for one in EXAMPLES) >= 4
    assert len({(one.student, one.exercise) for one in EXAMPLES}) == len(EXAMPLES)


@pytest.mark.parametrize("one", FROM_FILES, ids=lambda one: f"{one.exercise}-{one.answer}")
def test_the_expected_scores_are_those_of_the_checks(root, one):
    """Reached without nbgrader, straight from the answer file; right answers get full marks."""
    path = root / "solutions" / one.exercise / "answers" / f"{one.answer}.py"
    if one.exercise == "09_gpu":  # a process of its own, in which nobody has imported Triton yet
        report = check_file(one.exercise, path, timeout=120)
    else:
        report = run(one.exercise, runpy.run_path(str(path)))
    assert report["score"] == one.expected
    assert (one.expected == exercise(one.exercise).max_score) == one.answer.startswith("right_")


def test_writing_twice_gives_the_same_files(built):
    """No clock and no chance in it."""
    list(write_class(built))
    first = files(built)
    list(write_class(built))
    assert files(built) == first
    assert len(first) == 2 * len(EXAMPLES)  # a notebook (or what stands for it) and a timestamp each


def test_no_submission_gives_its_mistake_away(built):
    """The words that name the mistake stay in the answer file."""
    list(write_class(built))
    for path, content in files(built).items():
        assert b"fails:" not in bytes(content), path


def test_a_real_class_is_left_alone(built):
    """With somebody else's submission in the folder nothing is written, and a line says so."""
    (built / "grading" / "submitted" / "someone-real").mkdir(parents=True)
    assert list(write_class(built)) == [
        "grading/submitted/ holds a class already (such as someone-real); the example class is left out"
    ]
    assert files(built) == {}


def test_an_unbuilt_course_says_what_to_type(tmp_path):
    """The example class is made from the release notebooks."""
    with pytest.raises(UnusableCourse, match="run `dropgrade build 01_mask`"):
        list(write_class(tmp_path))
