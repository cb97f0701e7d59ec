"""`{quiz}` in a small site: all is in the page's source, and a fault stops the build by name."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from small_bank import ROOT, write_course
from test_quizzes import CHOICE, FOLDER, NUMBER, ORDER, SOUND

EXTENSIONS = ROOT / "book" / "_ext"
CONF = f"""
import sys
sys.path.insert(0, {str(EXTENSIONS)!r})
extensions = ["myst_parser", "sphinxcontrib.bibtex", "citations", "course_math", "quiz"]
bibtex_bibfiles = ["book/references.bib"]
bibtex_default_style = "course"
bibtex_reference_style = "author_year_round"
myst_enable_extensions = ["dollarmath"]
html_theme = "basic"
html_math_renderer = "course_katex"
exclude_patterns = ["_build", "book/_*", "book/questions"]
"""
PAGE = """# Page

(keep-drop-swapped)=
## Swapped

(q001)=
## Asked

## Check yourself

```{quiz} 01_mask
```
"""


@pytest.fixture
def course(tmp_path) -> Path:
    """A course of one page, with a bank of made-up records and the real schema of quizzes."""
    write_course(tmp_path)
    quizzes = tmp_path / "book" / "quizzes"
    quizzes.mkdir()
    (quizzes / "schema.json").write_text((FOLDER / "schema.json").read_text("utf-8"), encoding="utf-8")
    (tmp_path / "conf.py").write_text(CONF, encoding="utf-8")
    (tmp_path / "index.md").write_text(PAGE, encoding="utf-8")
    return tmp_path


def build(course: Path, quiz: list[dict]) -> subprocess.CompletedProcess:
    quiz = [question | {"from": "Q001"} for question in quiz]
    (course / "book/quizzes/01_mask.yml").write_text(yaml.safe_dump(quiz), encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", str(course), str(course / "_build")]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_the_page_holds_questions_answers_and_reasons(course):
    """Each kind with what is right, every reason, what p means, and what is near enough; one script."""
    swapped = {"says": "$p$ keeps", "why": "It drops.", "misconception": "keep_drop_swapped"}
    choice = CHOICE | {"options": [*CHOICE["options"][:2], swapped], "convention": "drop"}
    done = build(course, [choice, NUMBER, ORDER, NUMBER | {"id": "01e", "tolerance": {"relative": 0.02}}])
    assert done.returncode == 0, done.stderr
    page = (course / "_build/index.html").read_text("utf-8")
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert page.count("<quiz-question") == 4 and page.count('<details class="answer"><summary>') == 4
    assert "Here p is the probability of dropping a unit." in said
    assert "The right answer is A. Right. It is. Not right. It is not. Not right. It drops." in said
    assert 'href="#keep-drop-swapped"' in page and page.count('href="#q001"') == 4
    assert "Answer with a number; up to 0.1 off counts as right." in said
    assert "an error of up to 2 % counts as right." in said
    assert "The answer is 4. Divide. If you found 16: You multiplied." in said
    assert "The right order is C, A, B. As they come. C. It comes so. A." in said
    assert re.findall(r'data-right="([^"]*)"', page) == ["0", "1 2 0"]
    assert page.count("quiz/quiz_page.js") == page.count("quiz/quiz.css") == 1
    assert "<script" not in page[page.index("<quiz-question") : page.index("</quiz-question>")]


def test_a_broken_quiz_stops_the_build_with_its_name(course):
    """Page, file and question are in the message."""
    done = build(course, [*SOUND[:3], CHOICE])
    assert done.returncode != 0 and "index: 01_mask.yml: 01a: id is used twice" in done.stderr


def test_a_misconception_without_its_paragraph_stops_the_build(course):
    """The link would lead nowhere."""
    lost = [*CHOICE["options"][:2], {"says": "Else", "why": "No.", "misconception": "no_such_thing"}]
    done = build(course, [CHOICE | {"options": lost}, *SOUND[1:]])
    assert done.returncode != 0 and "no-such-thing" in done.stderr
