"""Exercises on the page in a real browser: NumPy in a worker, verdicts, endless loops, drafts, downloads."""

import functools
import http.server
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_build import ROOT, Page, built_site
from test_site_browser import PHONE, SUB_PATH, Quiet, Visitor, browser, pytestmark  # noqa: F401 (fixtures, marks)

from dropgrade.checks.runner import check_file, render
from dropgrade.inpage import bundle, session

PAGE = "book/01_mask.html"
RIGHT = """\
import numpy as np

def keep_mask(shape, p, rng):
    if not 0 <= p <= 1:
        raise ValueError(p)
    return rng.random(shape) >= p
"""
SWAPPED = RIGHT.replace(">= p", "< p")
WIRE_MB = 10
CHECK_MS = 300
PARITY = ("01_mask", "02_forward", "03_backward")
CHECKED = """() => new Promise(done => {
  const exercise = document.querySelector("py-exercise");
  exercise.addEventListener("checked", event => done(event.detail), {once: true});
  exercise.querySelector(".py-check").click();
})"""


class Counting(Quiet):
    """Counts what is sent for the engine, also to workers, which a page's own log does not see."""

    sent: dict[str, int] = {}  # noqa: RUF012 (one server, one count)

    def send_header(self, name: str, value: str) -> None:
        if name == "Content-Length":
            self.sent[self.path] = self.sent.get(self.path, 0) + int(value)
        super().send_header(name, value)


@pytest.fixture(scope="module")
def site() -> Path:
    """The folder with the built pages; without Python in it there is nothing to try."""
    folder = built_site()
    if not (folder / "_static/py/pyodide/pyodide.mjs").is_file():
        pytest.skip("Python is not in this copy of the site; get it with: python -m dropgrade.inpage")
    return folder


@pytest.fixture(scope="module")
def host(site) -> Iterator[str]:
    """The site on a host that counts."""
    handler = functools.partial(Counting, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{SUB_PATH}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def warm(browser, host) -> Iterator[Visitor]:  # noqa: F811
    """A page whose Python has started, shared by the tests that do not end it."""
    with Visitor(browser, host) as visitor:
        visitor.page.set_default_timeout(120_000)
        visitor.open(PAGE)
        checked(visitor, RIGHT)
        yield visitor


def checked(visitor: Visitor, code: str, seed: int | None = None) -> dict:
    """Type, press Check, wait for what comes."""
    visitor.page.locator("py-exercise textarea").first.fill(code)
    visitor.page.evaluate("seed => { document.querySelector('py-exercise').seed = seed ?? undefined }", seed)
    return visitor.page.evaluate(CHECKED)


def status(visitor: Visitor) -> str:
    return visitor.page.locator("py-exercise .py-status").inner_text()


def test_the_first_check_fits_the_budget(browser, host):  # noqa: F811
    """At most 10 MB for Python, NumPy and the checks, nothing before the press, nothing from elsewhere."""
    with Visitor(browser, host) as visitor:
        visitor.page.set_default_timeout(120_000)
        Counting.sent.clear()
        seen = visitor.open(PAGE)
        assert not [
            path for path in Counting.sent if "pyodide" in path or path.endswith((".zip", "py_engine.js"))
        ]
        before = sum(Counting.sent.values())
        assert re.search(r"about \d\.\d MB, once", visitor.page.locator(".py-note").inner_text())
        assert checked(visitor, RIGHT)["report"]["passed"]
        loaded = (sum(Counting.sent.values()) - before) / 1e6
        assert 5 < loaded <= WIRE_MB
        assert seen.foreign == [] and seen.complaints == []
        assert not visitor.page.locator("py-exercise progress").is_visible()


def test_a_wrong_answer_gets_the_words_of_the_command_line(warm, tmp_path, site):
    """Score, verdicts, messages and diagnosis for the same seed; its paragraph is one click away."""
    path = tmp_path / "your_code.py"
    path.write_text(SWAPPED, encoding="utf-8")
    expected = check_file("01_mask", path, seed=7)
    told = checked(warm, SWAPPED, seed=7)
    assert told["text"] == render(expected)
    assert status(warm) == render(expected).splitlines()[0]
    rows = warm.page.locator(".py-results li")
    for row, one in zip(rows.all(), expected["checks"], strict=True):
        assert row.inner_text().startswith(
            f"{'passed' if one['passed'] else 'FAILED'} {one['id']} ({one['points']} "
        )
        assert row.locator("p").inner_text() == one["message"]
    links = warm.page.locator(".py-failed a")
    assert links.count() == sum(not one["passed"] for one in expected["checks"])
    page, _, anchor = links.first.get_attribute("href").partition("#")
    assert anchor == "keep-drop-swapped" and anchor in Page((site / PAGE).parent / page).ids


def test_a_right_answer_is_told_what_to_do_next(warm):
    """All points, and the notebook is ready."""
    told = checked(warm, RIGHT)
    assert told["report"]["passed"] and "ready to be downloaded" in status(warm)
    assert warm.page.locator(".py-failed").count() == 0


def test_later_checks_are_quick(warm):
    """The best of at most thirty: a loaded machine slows most of them, hardly all."""
    times = []
    while len(times) < 30 and min(times, default=CHECK_MS) >= CHECK_MS:
        times.append(checked(warm, RIGHT)["ms"])
    assert min(times) < CHECK_MS, times


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (RIGHT.replace("rng):", "rng)"), "your_code.py is not Python: line 3, expected ':'"),
        (RIGHT + "\nprint(undefined)\n", "NameError in line 8: name 'undefined' is not defined"),
        ("", "needs a function called keep_mask; no function was found"),
    ],
    ids=["syntax", "at the top", "nothing"],
)
def test_code_that_does_not_load_names_its_line(warm, code, said):
    """The learner's own line, and no verdicts left over from before."""
    assert "error" in checked(warm, code)["report"]
    assert status(warm).startswith("01_mask: cannot be checked.") and said in status(warm)
    assert not warm.page.locator(".py-results").is_visible()


def test_an_error_in_the_function_names_its_line(warm):
    """Also where our code and NumPy's called it."""
    checked(warm, RIGHT.replace(">= p", ">= q"))
    assert (
        "keep_mask raised NameError in line 6 (name 'q' is not defined)"
        in warm.page.locator(".py-failed p").nth(0).inner_text()
    )


def test_what_the_code_prints_is_shown(warm):
    """As in a notebook; markup in it stays text."""
    checked(warm, RIGHT + "\nprint('<b>hello</b>')\n")
    assert warm.page.locator(".py-printed pre").inner_text().strip() == "<b>hello</b>"


@pytest.mark.slow
def test_a_loop_that_never_ends_is_ended(browser, host):  # noqa: F811
    """Python's own loops by the clock, with the line; others with the worker; the page stays usable."""
    with Visitor(browser, host) as visitor:
        visitor.page.set_default_timeout(120_000)
        visitor.open(PAGE)
        told = checked(visitor, RIGHT.replace("return", "while True: pass\n    return"))
        limit = session.patient("01_mask").checks[0].seconds
        assert f"keep_mask did not end within {limit:g} s; it was in line 6" in status(visitor)
        assert "Read “It never ends”" in status(visitor) and told["type"] == "report"
        told = checked(
            visitor, "import itertools\n" + RIGHT.replace("return", "sum(itertools.count()); return")
        )
        assert told["type"] == "stopped"
        assert re.search(
            r"your_code.py did not end within \d+ s; it was stopped in check \w+", status(visitor)
        )
        assert checked(visitor, RIGHT)["report"]["passed"]


def test_the_reader_can_stop_a_check(browser, host):  # noqa: F811
    """The button that began it ends it, also while Python is still loading; the next check begins anew."""
    with Visitor(browser, host) as visitor:
        visitor.page.set_default_timeout(120_000)
        visitor.open(PAGE)
        button = visitor.page.locator(".py-check")
        visitor.page.locator("py-exercise textarea").fill(
            RIGHT.replace("return", "while True: pass\n    return")
        )
        button.click()
        visitor.page.get_by_text("Checking …").wait_for()
        assert button.inner_text() == "Stop"
        button.click()
        visitor.page.get_by_text("Stopped. The next check starts Python again.").wait_for()
        assert button.inner_text() == "Check"
        assert checked(visitor, RIGHT)["report"]["passed"]


def test_drafts_survive_a_reload_and_reset_can_be_undone(browser, host):  # noqa: F811
    """Typed code is there again; Reset shows the start, and the same button brings the code back."""
    with Visitor(browser, host) as visitor:
        visitor.open(PAGE)
        editor = visitor.page.locator("py-exercise textarea")
        start = editor.input_value()
        assert "NotImplementedError" in start and start.startswith("import numpy as np\n")
        editor.fill(SWAPPED)
        visitor.open(PAGE)
        assert editor.input_value() == SWAPPED
        visitor.page.get_by_role("button", name="Reset").click()
        assert editor.input_value() == start
        visitor.page.get_by_role("button", name="Bring my code back").click()
        assert editor.input_value() == SWAPPED
        visitor.page.get_by_role("button", name="Reset").click()
        visitor.open(PAGE)
        assert editor.input_value() == start


def test_a_browser_that_refuses_storage_is_no_obstacle(browser, host):  # noqa: F811
    """The editor works, and says that nothing is kept."""
    with Visitor(browser, host) as visitor:
        refused = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no') }})"
        visitor.page.add_init_script(refused)
        visitor.open(PAGE)
        visitor.page.locator("py-exercise textarea").fill(RIGHT)
        assert "keeps no drafts" in visitor.page.locator(".py-note").inner_text()
        visitor.page.get_by_role("button", name="Reset").click()
        assert "NotImplementedError" in visitor.page.locator("py-exercise textarea").input_value()


def test_tab_indents_and_escape_then_tab_leaves(browser, host):  # noqa: F811
    """The editor is no trap, in either direction, and an indent can be taken back."""
    with Visitor(browser, host) as visitor:
        visitor.open(PAGE)
        page, keys = visitor.page, visitor.page.keyboard
        editor = page.locator("py-exercise textarea")
        editor.fill("def f():")
        editor.focus()
        keys.press("Enter")
        keys.type("return 1")
        assert editor.input_value() == "def f():\n    return 1"
        keys.press("Tab")
        assert editor.input_value() == "def f():\n    return 1    "
        page.evaluate("document.activeElement.setSelectionRange(0, 12)")
        keys.press("Tab")
        assert editor.input_value() == "    def f():\n        return 1    "
        keys.press("Shift+Tab")
        assert editor.input_value() == "def f():\n    return 1    "
        keys.press("Control+z")
        assert editor.input_value() == "    def f():\n        return 1    "
        editor.dispatch_event("keydown", {"code": "Tab", "shiftKey": True})  # all that WebKit on Linux tells
        assert editor.input_value() == "def f():\n    return 1    "
        keys.press("Escape")
        keys.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        editor.focus()
        keys.press("Escape")
        keys.press("Shift+Tab")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def download(visitor: Visitor, folder: Path) -> Path:
    """The notebook that the page makes."""
    with visitor.page.expect_download() as coming:
        visitor.page.get_by_role("button", name="Download my notebook").click()
    target = folder / coming.value.suggested_filename
    coming.value.save_as(target)
    return target


def test_the_download_is_the_release_notebook_with_this_code(browser, host, tmp_path):  # noqa: F811
    """Every cell, id and mark as handed out but the code, which passes on the command line."""
    with Visitor(browser, host) as visitor:
        visitor.open(PAGE)
        visitor.page.locator("py-exercise textarea").fill(RIGHT)
        path = download(visitor, tmp_path)
    assert path.name == "01_mask.ipynb"
    ours = json.loads((ROOT / "exercises/01_mask/01_mask.ipynb").read_text("utf-8"))
    theirs = json.loads(path.read_text("utf-8"))
    changed = [a["id"] for a, b in zip(ours["cells"], theirs["cells"], strict=True) if a != b]
    assert changed == ["keep_mask"]
    next(c for c in ours["cells"] if c["id"] == "keep_mask")["source"] = RIGHT.rstrip("\n").splitlines(True)
    assert theirs == ours
    report = check_file("01_mask", path)
    assert report["score"] == report["max_score"]


@pytest.mark.slow
def test_the_grader_gives_the_download_full_marks(browser, host, tmp_path):  # noqa: F811
    """Handed in as it is, it gets all points in nbgrader's gradebook."""
    from conftest import copy_course

    from dropgrade.grading.course import Course
    from dropgrade.grading.how import How

    copy_course(tmp_path)
    course = Course(tmp_path)
    list(course.build(("01_mask",)))
    inbox = tmp_path / "grading/submitted/ada/01_mask"
    inbox.mkdir(parents=True)
    with Visitor(browser, host) as visitor:
        visitor.open(PAGE)
        visitor.page.locator("py-exercise textarea").fill(RIGHT)
        download(visitor, inbox)
    list(course.grade(("01_mask",), How(True, False, 1, None)))
    course.export(Path("grading/scores.csv"))
    row = next(line for line in (tmp_path / "grading/scores.csv").read_text().splitlines() if "ada" in line)
    assert "12" in row.split(",") or "12.0" in row.split(",")


def test_an_exercise_of_several_cells_is_checked_as_a_notebook(browser, host):  # noqa: F811
    """Each cell has its editor; the given lines run first; the reference solution gets all points."""
    from dropgrade.grading.notebooks import read_lesson

    cells = read_lesson(ROOT / "solutions/05_ensemble/lesson.py").cells
    solutions = {
        cell.metadata["grade_id"]: re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", cell.source)
        for cell in cells
        if cell.metadata.get("solution")
    }
    with Visitor(browser, host) as visitor:
        visitor.page.set_default_timeout(120_000)
        visitor.open("book/05_ensemble.html")
        for name, source in solutions.items():
            visitor.page.get_by_label(re.compile(rf"Cell \d+: {name}$")).fill(source)
        told = visitor.page.evaluate(CHECKED)
        assert told["report"]["score"] == told["report"]["max_score"], told["text"]


def test_without_python_in_the_copy_the_page_says_so(browser, host):  # noqa: F811
    """No editor that could not be checked; rules and hints stay."""
    with Visitor(browser, host) as visitor:
        nothing = "Object.defineProperty(window, 'pyHere', {value: {engine: null}, writable: false})"
        visitor.page.add_init_script(nothing)
        visitor.open(PAGE)
        assert "Python is not in this copy of the site" in visitor.page.locator(".py-desk").inner_text()
        assert visitor.page.locator("py-exercise textarea").count() == 0
        assert visitor.page.locator("py-exercise details").count() >= 4


def test_from_disk_the_page_says_how_to_serve_it(browser, site):  # noqa: F811
    """Browsers refuse workers there; nothing breaks."""
    with Visitor(browser, f"{site.as_uri()}/", viewport=PHONE) as visitor:
        seen = visitor.open(PAGE)
        said = visitor.page.locator(".py-desk").inner_text()
        assert "opened from disk" in said and "http.server" in said
        assert seen.complaints == []


def test_without_scripts_there_is_a_sentence(browser, host):  # noqa: F811
    """And the rules can be opened."""
    with Visitor(browser, host, java_script_enabled=False) as visitor:
        visitor.open(PAGE)
        assert "needs JavaScript" in visitor.page.locator(".py-desk").inner_text()
        visitor.page.locator("py-exercise .py-rules summary").first.click()
        assert visitor.page.get_by_text("These rules are graded, and nothing else is").is_visible()


def test_the_exercise_is_accessible(warm):
    """No violation that axe knows, with results on the page."""
    from axe_playwright_python.sync_playwright import Axe

    checked(warm, SWAPPED)
    found = Axe().run(warm.page, context="py-exercise").response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []


@pytest.mark.slow
@pytest.mark.parametrize("slug", PARITY)
def test_each_answer_gets_the_verdict_of_the_command_line(warm, slug):
    """Every right and wrong answer in one session of the page: same score, same checks, same diagnosis."""
    assert slug in bundle.SLUGS
    ask = "q => pyEngine.ask(pyHere, q, () => {})"
    different = {}
    for path in sorted((ROOT / "solutions" / slug / "answers").glob("*.py")):
        text = path.read_text("utf-8")
        expected = session.check(slug, path.name, text, seed=7)["report"]
        found = warm.page.evaluate(ask, {"slug": slug, "name": path.name, "text": text, "seed": 7})
        if (one := outline(found["report"])) != outline(expected):
            different[path.name] = (one, outline(expected))
    assert different == {}


def outline(report: dict) -> list:
    """What has to agree: the error, or each check with verdict and diagnosis."""
    if "error" in report:
        return ["cannot be checked"]
    return [report["score"], *((one["id"], one["passed"], one["diagnosis"]) for one in report["checks"])]
