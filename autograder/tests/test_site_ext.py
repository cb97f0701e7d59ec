"""The site's extensions: records become pages, and what is wrong in a source stops the build by name."""

import base64
import io
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from PIL import Image

from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.data import load_mnist
from dropgrade.interview import evidence
from dropgrade.interview.bank import BankError, load_questions

ROOT = Path(__file__).parents[2]
EXTENSIONS = ROOT / "book" / "_ext"
sys.path.insert(0, str(EXTENSIONS))

import course_math  # noqa: E402 (the site's extensions are files, not a package)
import exercise_card  # noqa: E402
import fresh_cache  # noqa: E402
import launch_buttons  # noqa: E402
import mask_strip  # noqa: E402
from py_mini_racer import JSEvalException  # noqa: E402

QUESTIONS = ROOT / "book" / "questions"
RECORD = """\
- id: Q99
  title: Which $p$?
  levels: [junior]
  audience: [candidate]
  kind: concept
  skills: [convention]
  minutes: {answer: 2}
  prompt: What does $p$ mean here?
  convention: drop
  model_answer: {short_20s: Drop., full: "It drops: $1-p$ keeps."}
  rubric: [{pts: 6, must: true, say: says drop}, {pts: 2, say: counts zeros}, {pts: 2, say: names the other}]
  bars: {junior: 6}
  anchors: {poor: Guesses., mixed: Knows one., good: Names it., excellent: Checks it.}
  accept_also: [the share of zeros]
  wrong:
    - {says: It keeps., why: Count the zeros., misconception: keep_drop_swapped}
  evidence:
    - {measure: share.zeros, expect: 0.2 to 0.3, shows: share of zeros}
    - {page: page, shows: the table}
  followups:
    - {if: wrong, prompt: "How many zeros?", answer: A share of p.}
  sources:
    - {key: who2020, where: section 1, checked: 2026-11-21}
"""
CONF = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_parser", "sphinxcontrib.bibtex", "citations", "course_math", "questions", "page_frame"]
extensions += ["exercise_card", "proof_table", "measures", "question_index"]
bibtex_bibfiles = ["who.bib"]
bibtex_reference_style = "author_year_round"
bibtex_default_style = "course"
myst_enable_extensions = ["dollarmath", "colon_fence"]
html_theme = "basic"
html_math_renderer = "course_katex"
exclude_patterns = ["_build"]
"""
BIB = """@misc{who2020, author = {Who, Ada}, title = {Capital Letters Stay}, year = {2020}, url = {https://www.example.org/x}}"""
PAGE = """# Page

(keep-drop-swapped)=
## Swapped

Inline $\\E[x]$, cited {cite:t}`who2020`, and {ref}`a question <q99>`.

| a | b |
|---|---|
| 1 | 2 |

:::{admonition} Bet first
:class: dropdown tip
The answer.
:::

## Questions

```{questions} 01_page
```

{measured}`share.zeros` of {question-count}`all`

```{measure} share.zeros
```

```{question-index} junior
```

```{bibliography}
```
"""


MEASURE = "def zeros():\n    return sum([True, False, False, False]) / 4\n"


def build(
    folder: Path, page: str = PAGE, record: str = RECORD, measure: str = MEASURE, after: str = ""
) -> tuple[int, str, str]:
    """Exit code, messages and the page of a strict build of one page, in a process of its own.

    `after` is written behind the measures when they have been taken, which makes these old.
    """
    for name, content in {
        "conf.py": CONF,
        "index.md": "# Start\n\n```{toctree}\nbook/page\n```\n",
        "book/page.md": page,
        "book/questions/01_page.yml": record,
        "book/questions/schema.json": (QUESTIONS / "schema.json").read_text("utf-8"),
        "who.bib": BIB,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    module = folder / "book" / "evidence" / "share.py"
    module.parent.mkdir(exist_ok=True)
    module.write_text(measure, "utf-8")
    evidence.write(module, evidence.measure(module), folder / "book" / "results" / "evidence")
    module.write_text(measure + after, "utf-8")
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "-n", "--keep-going", "-q", ".", "_build"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    out = folder / "_build" / "book" / "page.html"
    return done.returncode, done.stderr, out.read_text("utf-8") if out.exists() else ""


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    """The HTML of a page that uses every extension once."""
    code, messages, html = build(tmp_path_factory.mktemp("site"))
    assert code == 0, messages
    return html


def test_a_question_shows_its_prompt_and_folds_its_answers(page):
    """The title is a heading with the question's id; three answers are native disclosures."""
    question = page[page.index('id="q99"') :]
    assert "<h3>Which" in question and "What does" in question
    summaries = re.findall(r"<summary>([^<]+)</summary>", question)
    assert summaries == [
        "Answer in twenty seconds",
        "Full answer",
        "Wrong answers, and why",
        "For the interviewer",
    ]
    assert "Here p is the probability of dropping a unit." in question
    assert "6 points (a must)" in question and "Enough of 10: junior 6" in question


def test_a_measured_number_stands_beside_its_function(page):
    """In an answer, in a sentence, and under the source that gives it."""
    assert "share of zeros: 0.25" in page
    assert '<span class="result">0.25</span> of <span class="result">1</span>' in page
    assert "It returns" in page and "def" in page[page.index('class="measure"') :]


def test_a_number_older_than_its_function_stops_the_build(tmp_path):
    """The message says what to type."""
    code, messages, _ = build(tmp_path, after="# changed\n")
    assert code != 0 and "older than its module" in messages and "make results" in messages


def test_the_index_links_each_question_of_a_level(page):
    """With its kind and its minutes."""
    index = page[page.index('class="question-index"') :]
    assert 'href="#q99"' in index and "concept, 2 min" in index


def test_a_wrong_answer_links_to_the_paragraph_that_treats_it(page):
    """The misconception's id becomes the anchor, with hyphens."""
    assert re.search(r'<a class="reference internal" href="#keep-drop-swapped">.*Read the paragraph', page)


def test_questions_can_be_linked_to(page):
    """Each by its id, all of them by questions-SLUG."""
    assert 'href="#q99"' in page and 'id="questions-01-page"' in page


def test_citations_read_like_prose_and_titles_keep_their_capitals(page):
    """Round brackets in the text, the host's name as the link in the list."""
    assert re.search(r'Who \(<a[^>]*href="#id\d+"[^>]*>2020</a>\)', page)
    assert "Capital Letters Stay" in page and ">example.org</a>" in page


def test_a_dropdown_admonition_needs_no_script(page):
    """It is a details element with its other classes kept."""
    assert re.search(r'<details class="admonition[^"]*tip[^"]*">\s*<summary>Bet first</summary>', page)


def test_a_table_scrolls_by_itself(page):
    """So that a phone's page is not wider than its screen."""
    assert re.search(r'<div class="table-scroll[^>]*>\s*<table', page)


def test_formulas_are_finished_html_with_mathml():
    """Nothing is left to a script in the reader's browser."""
    html = course_math.render(r"\E[x] = \frac{a}{b}", True)
    assert "katex-display" in html and "<math" in html and "<script" not in html


def test_a_formula_that_cannot_be_read_raises():
    """KaTeX is told to throw rather than to print in red."""
    with pytest.raises(JSEvalException, match="Undefined control sequence"):
        course_math.render(r"\fracx{1}", False)


@pytest.mark.parametrize("formula", [r"$\fracx{1}$", "$$\n\\fracx{1}\n$$"])
def test_a_broken_formula_stops_the_build_naming_page_and_formula(tmp_path, formula):
    """An author finds it without searching."""
    code, messages, _ = build(tmp_path, f"# Page\n\nSome text.\n\n{formula}\n")
    assert code != 0
    assert "book/page" in messages and r"\fracx" in messages and "Undefined control sequence" in messages


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("# Page\n\n```{questions} 07_nothing\n```\n", "no questions for '07_nothing'"),
        ("# Page\n\n```{exercise-card} 07_nothing\n```\n", "no exercise is called '07_nothing'"),
        ("# Page\n\n```{exercise-card} 01_mask\n```\n", "lesson.py is missing"),
    ],
)
def test_an_unknown_slug_stops_the_build(tmp_path, page, said):
    """The message names the page and what is missing."""
    code, messages, _ = build(tmp_path, page)
    assert code != 0 and "book/page" in messages and said in messages


def test_a_wrong_answer_with_an_unknown_misconception_fails_the_build(tmp_path):
    """Its paragraph does not exist, and a link without a target is an error."""
    code, messages, _ = build(tmp_path, record=RECORD.replace("keep_drop_swapped", "no_such_idea"))
    assert code != 0 and "no-such-idea" in messages


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("id: Q99", "id: nine"), "nine > id"),
        (("levels: [junior]", "levels: [wizard]"), "Q99 > levels"),
        (("  kind: concept\n", ""), "'kind' is a required property"),
        (("  prompt:", "  promt:"), "'promt' was unexpected"),
        (("[junior]", "[junior"), "not YAML"),
    ],
)
def test_a_record_that_breaks_the_schema_is_refused_by_name(tmp_path, change, said):
    """The message leads to file, record and field."""
    (tmp_path / "schema.json").write_text((QUESTIONS / "schema.json").read_text("utf-8"))
    (tmp_path / "01_page.yml").write_text(RECORD.replace(*change))
    with pytest.raises(BankError, match=re.escape(said)) as caught:
        load_questions(tmp_path, "01_page")
    assert "01_page.yml" in str(caught.value)


def test_an_id_serves_one_question_only(tmp_path):
    """Progress and links hang on it."""
    (tmp_path / "schema.json").write_text((QUESTIONS / "schema.json").read_text("utf-8"))
    (tmp_path / "01_page.yml").write_text(RECORD + RECORD)
    with pytest.raises(BankError, match="id used twice: Q99"):
        load_questions(tmp_path, "01_page")


def bank() -> list[dict]:
    """All questions of the course."""
    return [
        record for path in sorted(QUESTIONS.glob("*.yml")) for record in load_questions(QUESTIONS, path.stem)
    ]


def test_the_bank_is_sound():
    """Every file fits the schema, no id serves twice, every misconception named is known."""
    ids = [record["id"] for record in bank()]
    assert len(ids) == len(set(ids)) and len(ids) >= 9
    named = {wrong["misconception"] for r in bank() for wrong in r["wrong"] if "misconception" in wrong}
    assert named <= set(MISCONCEPTIONS)


def course_with(tmp_path: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def test_chapters_run_again_when_what_they_import_changes(tmp_path):
    """The cache is kept while the package and the data stay as they are, and emptied when they change."""
    root = course_with(
        tmp_path, {"autograder/dropgrade/reference/ops.py": "a = 1", "requirements.txt": "numpy"}
    )
    cache = root / ".jupyter_cache"
    first = fresh_cache.refresh(root, cache)
    (cache / "executed.ipynb").touch()
    assert fresh_cache.refresh(root, cache) == first and (cache / "executed.ipynb").exists()
    course_with(tmp_path, {"autograder/dropgrade/reference/ops.py": "a = 2"})
    assert fresh_cache.refresh(root, cache) != first and not (cache / "executed.ipynb").exists()


def test_tools_that_no_chapter_imports_do_not_run_it_again(tmp_path):
    """A change in the grading room leaves the executed chapters alone."""
    root = course_with(tmp_path, {"autograder/dropgrade/grading/steps.py": "a = 1"})
    before = fresh_cache.fingerprint(root)
    course_with(tmp_path, {"autograder/dropgrade/grading/steps.py": "a = 2"})
    assert fresh_cache.fingerprint(root) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("print()", "does not start with a header"),
        ("# ---\n# minutes: 5\n# difficulty: 2\n# ---\n", "needs title"),
        ("# ---\n# title: A\n# minutes: soon\n# difficulty: 2\n# ---\n", "needs minutes"),
        ("# ---\n# title: A\n# minutes: 5\n# difficulty: 9\n# ---\n", "difficulty must be 1 to 5"),
    ],
)
def test_a_lesson_without_a_proper_header_gets_no_card(tmp_path, text, said):
    """The message names the file and the field."""
    lesson = course_with(tmp_path, {"lesson.py": text}) / "lesson.py"
    with pytest.raises(exercise_card.HeaderError, match=said):
        exercise_card.read_header(lesson)


def test_colab_opens_the_exercise_notebook_of_the_published_course(monkeypatch):
    """Never a Markdown chapter; a fork's own pages point at the fork."""
    app = SimpleNamespace(config=SimpleNamespace(course_repository="one/course", course_branch="main"))
    for variable in ("COURSE_REPOSITORY", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(variable, raising=False)
    tail = "blob/main/exercises/01_mask/01_mask.ipynb"
    assert launch_buttons.colab_url(app, "01_mask").endswith(f"/github/one/course/{tail}")
    monkeypatch.setenv("GITHUB_REPOSITORY", "two/fork")
    assert launch_buttons.colab_url(app, "01_mask").endswith(f"/github/two/fork/{tail}")


def test_the_mean_of_masked_copies_approaches_the_digit():
    """The landing page draws a fact: sixteen times the copies, a quarter of the distance or so."""
    x = load_mnist(ROOT / "book" / "data").train.images[7]
    means = mask_strip.running_means(x, 0.5, [1, 16, 256], seed=1)
    off = [float(np.sqrt(np.mean((means[n] - x) ** 2))) for n in (1, 16, 256)]
    assert 2.5 < off[0] / off[1] < 6 and 2.5 < off[1] / off[2] < 6


def test_pictures_are_opacity_only():
    """The page's colours paint them, in light and in dark."""
    uri = mask_strip.as_data_uri(np.linspace(-1, 2, 784))
    image = Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1])))
    alpha = np.asarray(image.getchannel("A"))
    assert image.mode == "LA" and not np.asarray(image.getchannel("L")).any()
    assert alpha.min() == 0 and alpha.max() == 255


def test_the_configuration_lists_every_extension():
    """Each file of book/_ext that registers something is loaded."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]
    own = {p.stem for p in EXTENSIONS.glob("*.py") if "def setup(" in p.read_text("utf-8")}
    assert own == set(config["local_extensions"]) and own <= set(config["config"]["extensions"])
