"""Prose quotes measured numbers only: a wrong key, an edited number or a stale result breaks the build."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_results import HELPER, SCRIPT

from dropgrade.results import load
from dropgrade.results.__main__ import main

EXTENSIONS = Path(__file__).parents[2] / "book" / "_ext"
CONF = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_parser", "results_role"]
html_theme = "basic"
exclude_patterns = ["_build"]
"""
PAGE = """# Page

Dropping changes it by {result}`toy:d`, that is {result}`toy:d|size` less; {result}`toy:claim`

```{result-figure} toy
:name: fig-toy
The toy with {result}`toy:runs` runs.
```
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A course with one measured toy result and one page that quotes it."""
    root = tmp_path_factory.mktemp("course")
    for name, content in {
        "conf.py": CONF,
        "index.md": PAGE,
        "book/experiments/toy.py": SCRIPT,
        "book/experiments/_toy.py": HELPER,
        "book/data/toy.bin": "data",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert main([str(root / "book" / "experiments")]) == 0
    return root


@pytest.fixture
def course(template, tmp_path):
    """A copy that a test may damage."""
    return Path(shutil.copytree(template, tmp_path / "course"))


def build(root: Path) -> tuple[int, str, str]:
    """Exit code, messages and the page of a strict build, in a process of its own."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "-n", "--keep-going", "-q", ".", "_build"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    page = root / "_build" / "index.html"
    return done.returncode, done.stderr + done.stdout, page.read_text("utf-8") if page.exists() else ""


def test_a_page_shows_value_unit_and_interval(course):
    """A minus is a minus sign, number and unit stay together, the figure stands in the page with its alt."""
    code, messages, page = build(course)
    assert (code, messages) == (0, "")
    assert "−0.51\N{NO-BREAK SPACE}pp (95\N{NO-BREAK SPACE}% CI −0.53 to −0.49, 3 seeds)" in page
    assert 'that is <span class="result">0.51\N{NO-BREAK SPACE}pp</span> less' in page
    assert '<title id="toy-alt">One dot &amp; a bar.</title>' in page and "currentColor" in page
    assert 'id="fig-toy"' in page and "The toy with" in page
    assert "6 runs of 10 updates" in page
    assert 'href="_downloads/' in page and page.count("download=") == 2, (
        "script and numbers, by relative links"
    )


def test_a_changed_result_rebuilds_the_page(course):
    """The page depends on the result's files, so a second build shows the new number."""
    assert build(course)[0] == 0
    (course / "book" / "experiments" / "_toy.py").write_text(HELPER.replace("1 + seed / 50", "2 + seed / 50"))
    assert main([str(course / "book" / "experiments")]) == 0
    code, messages, page = build(course)
    assert (code, messages) == (0, "") and "−1.01\N{NO-BREAK SPACE}pp" in page


def test_a_changed_source_breaks_the_next_build(course):
    """Even in an incremental build and with an untouched page."""
    assert build(course)[0] == 0
    with (course / "book" / "experiments" / "_toy.py").open("a") as script:
        script.write("# changed\n")
    code, messages, _ = build(course)
    assert code != 0
    assert (
        "index, line 3: result toy is stale (book/experiments/_toy.py changed); run `make results`"
        in messages
    )


@pytest.mark.parametrize(
    ("quoted", "message"),
    [
        (
            "toy:dd",
            "index, line 3: result toy has no key dd; did you mean d? known keys: error_none, d, seeds",
        ),
        ("toy:eror_none", "did you mean error_none?"),
        ("tay:d", "known: toy; missing ones come with `make results`"),
        ("toy:seeds|interval", "toy:seeds: this value is a plain fact and has no interval"),
        ("toy:d|half", "toy:d: part must be full, value, number, size or interval, got half"),
        ("toy", "{result}`toy` must be NAME:key or NAME:key|part"),
    ],
)
def test_a_wrong_quotation_breaks_the_build(course, quoted, message):
    """Page, line, what is wrong and what would be right."""
    (course / "index.md").write_text(PAGE.replace("toy:d`,", f"{quoted}`,"))
    code, messages, _ = build(course)
    assert code != 0 and message in messages


def test_a_number_edited_by_hand_breaks_the_build(course):
    """Nobody improves a result on the way to the page."""
    path = course / "book" / "results" / "toy.json"
    content = json.loads(path.read_text("utf-8"))
    content["values"]["d"]["value"] = -5.0
    path.write_text(json.dumps(content))
    code, messages, _ = build(course)
    assert code != 0 and "toy.json was changed by hand; make it anew with `make results`" in messages


def test_a_figure_edited_by_hand_breaks_the_build(course):
    """Nor a picture."""
    with (course / "book" / "results" / "toy.svg").open("a") as figure:
        figure.write("<!-- better -->")
    code, messages, _ = build(course)
    assert code != 0 and "result toy is stale (toy.svg was changed by hand); run `make results`" in messages


def test_an_unknown_figure_breaks_the_build(course):
    """The directive checks as the role does."""
    (course / "index.md").write_text("# Page\n\n```{result-figure} nothing\n```\n")
    code, messages, _ = build(course)
    assert code != 0 and "index, line 3: there is no result nothing in" in messages


def test_a_figure_without_a_caption_shows_the_claim(course):
    """The finding stands under every figure, with what was not seen."""
    (course / "index.md").write_text("# Page\n\n```{result-figure} toy\n```\n")
    code, messages, page = build(course)
    assert (code, messages) == (0, "")
    claim = load(course / "book" / "results", "toy").claim
    assert claim.endswith("Not seen here: d is large.") and "Not seen here: d is large." in page
