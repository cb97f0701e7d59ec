"""Verdicts that the page keeps: those of code that remembers nothing, while what ran is unchanged."""

import contextlib
import itertools
import json
import traceback
from pathlib import Path

import pytest

from dropgrade.checks import answers, api, child, exercise
from dropgrade.inpage import flags, keeping, session
from dropgrade.inpage.keeping import Kept, read

ROOT = Path(__file__).parents[2]
SLUG = "06_regulariser"
RIGHT = (ROOT / "solutions" / SLUG / "answers" / "right_augmented_rows.py").read_text("utf-8")
PLAIN = """\
import numpy as np

SCALE = -2 * 1.5

def helper(x):
    return SCALE * np.abs(x)

def strengths(X, p):
    return helper(X) + sum(row.mean() for row in X)
"""


@pytest.fixture
def page(monkeypatch) -> Kept:
    """A session as in the browser, where by its clock everything takes long."""
    kept = Kept(clock=itertools.count().__next__)
    monkeypatch.setattr(session, "kept", kept)
    for module in (api, child):  # a busy machine ends no check here
        monkeypatch.setattr(module, "time_limit", lambda seconds: contextlib.nullcontext())
    monkeypatch.setattr(answers, "compile", flags.compiled, raising=False)
    monkeypatch.setattr(api, "judge", kept.judging(api.judge))
    return kept


def code(tmp_path, text: str):
    path = tmp_path / "answer.py"
    path.write_text(text, encoding="utf-8")
    return read(path)


def kept_by(text: str, seed: int | None = None, slug: str = SLUG) -> set[str]:
    """The checks that one press of the button leaves out."""
    return set(session.check(slug, "your_code.py", text, seed)["kept"])


def every(slug: str = SLUG) -> set[str]:
    return {check.id for check in exercise(slug).checks}


def test_nothing_runs_twice_for_the_same_code(page):
    """Nor for another layout or another comment; score and verdicts are those of the first time."""
    first = session.check(SLUG, "your_code.py", RIGHT)
    assert first["report"]["passed"] and first["kept"] == []
    again = session.check(SLUG, "your_code.py", RIGHT.replace("\n\n\n", "\n\n# a comment\n\n\n"))
    assert set(again["kept"]) == every()
    assert again["report"]["checks"] == first["report"]["checks"]


def test_what_a_change_can_reach_runs_again(page):
    """A change in one function repeats the checks that ran it, and no other; a new name repeats all."""
    kept_by(RIGHT)
    changed = RIGHT.replace("def step_limit(X, p):\n", "def step_limit(X, p):\n    p = p + 0.0\n")
    assert changed != RIGHT
    left = every() - kept_by(changed)
    assert "limit_matches" in left and "gaussian_matches" not in left and "strengths_match" not in left
    assert kept_by(changed + "\n\ndef another(x):\n    return x\n") == set()
    assert kept_by(changed.replace("import numpy as np", "import numpy as np\n\nLIMIT = 3")) == set()


def test_a_change_in_a_helper_counts(page):
    """What ran, not what was asked for, decides; a verdict that was red runs each time."""
    kept_by(RIGHT)
    ruined = RIGHT.replace("def strengths(X, p):\n", "def strengths(X, p):\n    X = X + 1\n")
    first = session.check(SLUG, "your_code.py", ruined)
    failed = {one["id"] for one in first["report"]["checks"] if not one["passed"]}
    assert "strengths_match" in failed and "strengths_match" not in first["kept"]
    again = session.check(SLUG, "your_code.py", ruined)
    assert set(again["kept"]) == every() - failed and again["report"]["score"] == first["report"]["score"]


def test_a_cheap_check_runs_each_time(monkeypatch, page):
    """On fresh inputs, as everywhere."""
    page.clock = lambda: 0.0
    kept_by(RIGHT)
    assert kept_by(RIGHT) == set()


def test_a_seed_repeats_every_check(page):
    """Whoever asks for certain inputs gets them."""
    kept_by(RIGHT)
    assert kept_by(RIGHT, seed=3) == set()


def test_two_exercises_on_a_page_do_not_mix(page):
    """The same text under another exercise is judged there."""
    text = (ROOT / "solutions/01_mask/answers/right_uniform_at_least.py").read_text("utf-8")
    kept_by(text, slug="01_mask")
    assert kept_by(RIGHT) == set()
    assert kept_by(text, slug="01_mask") == every("01_mask")


def test_a_notebook_is_read_cell_by_cell(tmp_path):
    """Magics are left out, and a second import of the same is no second meaning."""
    path = tmp_path / "answer.ipynb"
    sources = ["%matplotlib inline\nimport numpy as np", "import numpy as np", PLAIN.partition("\n")[2]]
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert set(read(path).functions) == {"helper", "strengths"}


def test_data_beside_the_functions_does_not_matter(tmp_path):
    """As in the first cell of an exercise: arrays are made, and functions have parameters of that name."""
    given = "from dropgrade.digits import load_digits\nimages = load_digits()\nprint(images)\n"
    assert code(tmp_path, given + PLAIN + "\ndef train(images):\n    return [images for images in images]\n")


@pytest.mark.parametrize(
    "text",
    [
        "cache = {}\ndef f(x):\n    return cache.setdefault(0, x)\n",
        "import numpy as np\nrng = np.random.default_rng(0)\ndef f(x):\n    return rng.random()\n",
        "def f(x, seen=[]):\n    return seen\n",
        "def f(x, *, seen={}):\n    return seen\n",
        "def f(x):\n    f.count = 1\n",
        "n = 0\ndef f(x):\n    global n\n    n += 1\n",
        "import functools\n@functools.cache\ndef f(x):\n    return x\n",
        "def f(x):\n    return globals()\n",
        "def f(x):\n    return eval('1')\n",
        "import random\ndef f(x):\n    return random.random()\n",
        "def f(x):\n    import os\n    return os.getpid()\n",
        "from numpy import *\ndef f(x):\n    return x\n",
        "class Layer:\n    count = 0\ndef f(x):\n    return Layer.count\n",
        "def f(x):\n    return 1\ndef f(x):\n    return 2\ndef g(x):\n    return f(x)\n",
        "def f(x):\n    return x\nf = [f]\ndef g(x):\n    return f[0](x)\n",
        "def f(x):\n    return unheard_of\n",
        "def f(x:\n",
        "def f(x):\n    return open('/tmp/state')\n",
    ],
)
def test_code_that_might_remember_is_judged_anew(tmp_path, text):
    """Globals that change, defaults, attributes, decorators, classes, files, names of unknown meaning."""
    assert code(tmp_path, PLAIN) is not None
    assert code(tmp_path, text) is None


def test_each_function_notes_that_it_ran(tmp_path):
    """After its docstring, which stays one, and at the line of the function."""
    names = {}
    source = (
        'def f(x):\n    "What it is."\n    return g(x)\n\ndef g(x):\n    return 1 / x\n\ndef h():\n    pass\n'
    )
    exec(flags.compiled(source, "answer.py", "exec"), names)
    keeping._ran.clear()
    assert names["f"](1) == 1 and keeping._ran == {"f", "g"}
    assert names["f"].__doc__ == "What it is."
    with pytest.raises(ZeroDivisionError) as raised:
        names["f"](0)
    lines = [entry.lineno for entry in traceback.extract_tb(raised.tb) if entry.filename == "answer.py"]
    assert lines == [3, 6]
