"""Where instructors already work: nbgrader's formgrader in a real browser, and plain `nbgrader autograde`.

That the engine graded is seen by what it does: a notebook that would get full marks from nbgrader's own
executor gets its honest score, and one that would stop the class gets graded.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from formgrader import TOKEN, Formgrader, jupyter

from dropgrade.doctor import browser_path, install_line
from dropgrade.grading.course import Course
from dropgrade.grading.engine.measure.school import copy_course
from dropgrade.grading.engine.trial import ATTACKS
from dropgrade.grading.engine.trial.model import RIGHT, SLUG, Attack, handed_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sandbox,
    pytest.mark.browser,
    pytest.mark.skipif(browser_path() is None, reason=f"no Chromium; {install_line('chromium')}"),
]
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --no-first-run"
BY_NAME = {attack.name: attack for attack in ATTACKS}
HONEST, FULL = 2.0, 12.0
MARK = "console.log('PWNED')"
PROSE = f"""\
<script>{MARK}</script><img src=x onerror="{MARK}"><svg onload="{MARK}"></svg>
<iframe srcdoc="<script>{MARK}</script>"></iframe>
<details open ontoggle="{MARK}"><summary>more</summary></details>
<style>@import 'x'</style>
[a](javascript:{MARK}) [b](java&#115;cript:{MARK}) [c](javascript&colon;{MARK}) [d]( JaVaScRiPt:{MARK} )
[e](java%0ascript:{MARK}) [f]: [f][g] <javascript:{MARK}> [h](data:text/html,<script>{MARK}</script>)
<a href="javascript:{MARK}">i</a> <a href="&#1;javascript:{MARK}">j</a> <a href="java\tscript:{MARK}">k</a>
![l](x" onerror="{MARK}) [m](x" onclick="{MARK}) `<script>{MARK}</script>` $\\href{{javascript:{MARK}}}{{n}}$
$$</script><script>{MARK}</script>$$ <math><mtext><img src=x onerror="{MARK}"></mtext></math>
<div><div title="</div><img src=x onerror={MARK}>">o</div>
<form><button formaction="javascript:{MARK}">p</button></form>

[g]: javascript:{MARK}
THE END OF THE PROSE
"""
SHOWN = f"""\
from IPython.display import HTML, Javascript, Latex, display
display(HTML("<script>{MARK}</script>"), Javascript("{MARK}"))
display(Latex(r"$\\href{{javascript:{MARK}}}{{x}}$"))
drawn = {{"image/svg+xml": "<svg onload=\\"{MARK}\\"/>", "text/html": "x", "text/markdown": "<b>x</b>"}}
display(drawn, raw=True)
display({{"image/png": "\\"><img src=x onerror=\\"{MARK}", "text/plain": "kept"}}, raw=True)
print("<script>{MARK}</script>\\x1b[31m<img src=x onerror={MARK}>")
{RIGHT}
raise ValueError("<script>{MARK}</script>")
"""


def scripts(notebook: dict) -> None:
    """Prose of the learner's own."""
    notebook["cells"].append({"cell_type": "markdown", "id": "prose", "metadata": {}, "source": PROSE})


CLASS = {
    "mallory": BY_NAME["input_transformer"],  # full marks from nbgrader's own executor
    "trudy": BY_NAME["duplicate_ids"],  # stops the class with nbgrader's own steps
    "sybil": BY_NAME["link_to_the_solution"],  # full marks, and the solution in the feedback
    "alice": Attack("honest", "", "", RIGHT),
    "eve": Attack("scripts", "", "", SHOWN, edit=scripts),
}


@pytest.fixture(scope="module")
def untouched(tmp_path_factory) -> Path:
    """A course that was built, with a class that was not graded."""
    folder = tmp_path_factory.mktemp("formgrader") / "course"
    copy_course(ROOT, folder, [SLUG])
    list(Course(folder).build())
    release = json.loads((folder / "exercises" / SLUG / f"{SLUG}.ipynb").read_text(encoding="utf-8"))
    for student, attack in CLASS.items():
        place = folder / "grading" / "submitted" / student / SLUG
        place.mkdir(parents=True)
        (place / f"{SLUG}.ipynb").write_bytes(handed_in(release, attack))
        if attack.folder:
            attack.folder(place, folder)
    return folder


@pytest.fixture(scope="module")
def formgrader(untouched, tmp_path_factory):
    """The formgrader of that course in headless Chromium, which reaches nothing but the server."""
    from playwright.sync_api import sync_playwright

    with jupyter(untouched, tmp_path_factory.mktemp("home")) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS.split())
        page = browser.new_page()
        page.route("**/*", lambda r: r.continue_() if r.request.url.startswith(address) else r.abort())
        yield Formgrader(page, address, SLUG)
        browser.close()


@pytest.mark.parametrize(
    ("student", "score"),
    [("mallory", HONEST), ("trudy", HONEST), ("sybil", 0.0), ("alice", FULL), ("eve", FULL)],
)
def test_the_autograde_button_gives_the_honest_score(formgrader, student, score):
    """A press of the button; the score is the one that the page then shows."""
    assert "Successfully autograded" in formgrader.autograde(student)
    assert formgrader.score(student) == score


def test_no_script_runs_where_instructors_grade_by_hand(formgrader):
    """Prose and outputs full of them; what is harmless can still be read, and every link was clicked."""
    formgrader.autograde("eve")
    text = formgrader.look_at("eve")
    assert "THE END OF THE PROSE" in text and "kept" in text and "PWNED" in text
    assert formgrader.ran == []


def test_plain_nbgrader_autograde_does_the_same(untouched, formgrader):
    """The command line that instructors know, in the same folder, over the whole class; nobody stops it."""
    before = {record.student: record.score for record in Course(untouched).records()}
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", "autograde", SLUG, "--force"]
    done = subprocess.run(command, cwd=untouched, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    after = {record.student: record.score for record in Course(untouched).records()}
    assert after == before == {"mallory": HONEST, "trudy": HONEST, "sybil": 0.0, "alice": FULL, "eve": FULL}
    assert TOKEN not in done.stderr
