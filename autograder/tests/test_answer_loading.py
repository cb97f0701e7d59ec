"""An answer file becomes the names it defines, or one sentence that says what is wrong and where."""

import json

import pytest

from dropgrade.checks.answers import Answer, load, python_only
from dropgrade.errors import UnusableAnswer


def code(source, **nbgrader):
    """A code cell, with nbgrader's metadata if given."""
    return {"cell_type": "code", "metadata": {"nbgrader": nbgrader} if nbgrader else {}, "source": source}


@pytest.fixture
def answer(tmp_path):
    """Write a file and load it: text or bytes as Python, a list of cells as a notebook."""

    def write_and_load(content, name="answer.py") -> Answer:
        if isinstance(content, list):
            content, name = json.dumps({"cells": content, "metadata": {}, "nbformat": 4}), "answer.ipynb"
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load(path)

    return write_and_load


def test_python_file_is_run_once_as_a_module(answer):
    """The names of a file are returned; its `if __name__ == "__main__"` part does not run."""
    namespace = answer("x = 1\nif __name__ == '__main__':\n    x = 2\n").namespace
    assert namespace["x"] == 1
    assert namespace["__name__"] == "answer"


def test_dataclasses_and_coding_cookies_work(answer):
    """A file may define dataclasses, and may be in another encoding if it says so."""
    namespace = answer(
        "# -*- coding: latin-1 -*-\nfrom __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass A:\n    x: int = 3\nname = 'é'\n".encode("latin-1")
    ).namespace
    assert namespace["A"]().x == 3 and namespace["name"] == "é"


def test_checks_inside_a_lesson_judge_nothing(answer):
    """A file that calls `check` on a wrong function is loaded all the same."""
    source = "from dropgrade.checks import check\ncheck('01_mask.quiet', print)\nx = 1\n"
    assert answer(source).namespace["x"] == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("def f(:\n", r"answer.py is not Python: line 1, "),
        ("x = 1\n\n  y = 2\n", r"answer.py is not Python: line 3, unexpected indent"),
        (b"\x80\x81", r"answer.py is not Python"),
        (b"PK\x03\x04\x00\x00", r"answer.py is not Python"),
        ("x = 1\nraise KeyError('k')\n", r"answer.py fails while it is loaded: KeyError in line 2: 'k'"),
        ("import sys\nsys.exit(3)\n", r"fails while it is loaded: SystemExit in line 2: 3"),
        ("import nonsuch_module\n", r"ModuleNotFoundError in line 1: No module named 'nonsuch_module'"),
        ("raise KeyboardInterrupt\n", r"KeyboardInterrupt in line 1$"),
        ("(" * 500 + ")" * 500, r"answer.py is not Python"),
    ],
)
def test_unusable_file_says_what_and_where(answer, content, told):
    """Syntax errors, binary files and files that fail or exit are refused with the line."""
    with pytest.raises(UnusableAnswer, match=told):
        answer(content)


def test_syntax_warnings_are_not_shown(answer, capsys):
    """A doubtful escape sequence loads without a word."""
    assert answer("x = '\\d'\n").namespace["x"] == "\\d"
    assert capsys.readouterr().err == ""


def test_notebook_cells_run_in_order_and_failures_do_not_stop_it(answer):
    """Later cells see earlier names; a cell that fails is noted with its number and line."""
    found = answer([code("x = 1"), code(["y = x\n", "z = undefined\n"]), code("x = x + y")])
    assert found.namespace["x"] == 2
    assert found.problems == [
        "answer.ipynb, cell 2 fails while it is loaded: NameError in line 2: name 'undefined' is not defined"
    ]


def test_graded_test_cells_are_left_out(answer):
    """Cells that only grade are ours; cells with a solution in them are the learner's."""
    found = answer(
        [
            code("x = 1"),
            code("x = 'tested'", grade=True, solution=False, grade_id="t"),
            code("y = 2", grade=True, solution=True, grade_id="s"),
            {"cell_type": "markdown", "source": "x = 'prose'", "metadata": {}},
            {"cell_type": "code"},
            "not a cell",
        ]
    )
    assert (found.namespace["x"], found.namespace["y"], found.problems) == (1, 2, [])


def test_display_is_known(answer):
    """Notebooks may call display without importing it."""
    assert answer([code("display(1)\nx = 1")]).problems == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is not a notebook: Expecting value"),
        (b'{"cells": ', "is not a notebook"),
        (b"[]", "is not a notebook: it has no list of cells"),
        (b'{"cells": 3}', "is not a notebook: it has no list of cells"),
        (b"\xff\xfe{}", "is not a notebook"),
        (b"[" * 100_000, "is not a notebook"),
    ],
)
def test_corrupt_notebook_says_so(answer, content, told):
    """Broken JSON and JSON that is no notebook are refused."""
    with pytest.raises(UnusableAnswer, match=told):
        answer(content, "answer.ipynb")


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("x = 1", "x = 1"),
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("if 1:\n    !pip install x\ny = 2", "if 1:\n    pass\ny = 2"),
        ("files = !ls\na, b = %magic z", "files = None\na, b = None"),
        ("np.where?\n?np\nx = 1", "pass\npass\nx = 1"),
        ("%%time\nx = 1", "pass\nx = 1"),
        ("%%bash\nrm -r x", ""),
        ("text = '''\n%d apples\n!'''", "text = '''\n%d apples\n!'''"),
        ("share = (7\n% 4)", "share = (7\n% 4)"),
        ("def f(:\n%time x", "def f(:\npass"),
    ],
)
def test_magics_are_left_out_with_care(cell, python):
    """Magics, shell lines and questions go; strings and expressions that look like them stay."""
    assert python_only(cell) == python
