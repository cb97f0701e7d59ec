"""Feedback pages: the diagnosis is there; hidden tests, scripts and foreign files are not."""

import re

import pytest
from conftest import EXAMPLES

from dropgrade.checks import exercise
from dropgrade.checks.misconceptions import MISCONCEPTIONS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(graded_class):
    """Reads the feedback page of a submission."""

    def read(student: str, slug: str) -> str:
        path = graded_class.folder / "grading" / "feedback" / student / slug / f"{slug}.html"
        return path.read_text(encoding="utf-8")

    return read


def test_every_submission_has_a_page(page):
    """Refused ones too."""
    for one in EXAMPLES:
        assert one.student in page(one.student, one.exercise)


def test_no_page_shows_a_hidden_test(page):
    """Not in the source of a check, and not in a traceback that quotes it."""
    for one in EXAMPLES:
        html = page(one.student, one.exercise)
        text = re.sub(r"<[^>]+>", "", html)
        assert "HIDDEN TESTS" not in text and "dropgrade.checks.check(" not in text, one


def test_no_page_runs_or_loads_anything(page):
    """No script, handler, frame, style sheet or picture from elsewhere on any page."""
    for student, slug in [("mallory-eve", "01_mask"), *((one.student, one.exercise) for one in EXAMPLES)]:
        html = page(student, slug)
        for attack in ("<script", "javascript:", "<svg", "<iframe", "<link", "<img src=x", "<style src"):
            assert attack not in html, (student, attack)
        assert not re.search(
            r'\b(?:src|href)\s*=\s*"(?!#|data:image/png;base64,|\.\./\.\./\.\./\.\./_build/html/book/)', html
        )
        assert not re.search(r"<[^>]*\son\w+\s*=", html)


def test_harmless_parts_of_a_hostile_notebook_stay(page):
    """The text of the outputs, the defused prose and the cell with our marker are still to be read."""
    html = page("mallory-eve", "01_mask")
    assert "kept" in html and "&lt;script&gt;stolen(5)&lt;/script&gt;" in html
    assert "a marker of ours in a cell of theirs" in html


def test_a_wrong_answer_reads_its_diagnosis(page):
    """The check's fact, what was found, and the misconception's own sentence and paragraph."""
    html = page("bauer-felix", "01_mask")
    known = MISCONCEPTIONS["nan_not_rejected"]
    fact = next(check.fact for check in exercise("01_mask").checks if check.id == "rejects_bad_p")
    for words in (known.sentence, f'/_build/html/{known.page}">{known.name}</a>', fact):
        assert words in html
    assert "✗" in html and "✓" in html


def test_a_right_answer_reads_full_marks(page):
    """Score, and no failed check."""
    html = page("okafor-amara", "01_mask")
    assert "<strong>12</strong> of 12 points" in html and "✗" not in html


def test_a_refused_submission_reads_why(page):
    """The reason comes first, and no list of failed checks follows it."""
    html = page("mensah-kofi", "01_mask")
    assert "The file is damaged" in html and "<strong>0</strong> of 12 points" in html
    assert "✗" not in html


def test_a_page_shows_the_learners_code_and_not_the_courses(page):
    """Own cells with their outputs; the prose, imports and checks handed out are left out."""
    html = page("bauer-felix", "01_mask")
    assert "keep_mask" in html and "What you write" not in html and "google.colab" not in html


def test_a_mended_submission_reads_what_was_mended(page):
    """The learner sees which cells were put back."""
    assert "3 missing cells put back: setup, rejects_bad_p, quiet." in page("kowalski-piotr", "02_forward")


@pytest.mark.parametrize(
    ("student", "slug", "words"),
    [
        (
            "ivanova-darya",
            "02_forward",
            "The cell dropout_forward failed: SyntaxError: expected ':' (line 1).",
        ),
        ("kowalski-piotr", "01_mask", "The cell keep_mask did not end and was stopped."),
    ],
)
def test_an_answer_that_did_not_run_is_named_first(page, student, slug, words):
    """Before a dozen checks that only say that a name is missing."""
    html = page(student, slug).replace("&#39;", "'")
    assert words in html and html.index(words) < html.index('id="checks"')
