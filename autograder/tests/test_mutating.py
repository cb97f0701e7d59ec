"""Small changes to a program: every operator and constant, nothing else, and each with a name."""

import pytest

from dropgrade.checks.mutating import Program, mutants, program


def changed(body: str) -> list[str]:
    """The changed first lines of the mutants of a function `f`."""
    return [m.source for m in mutants(Program(f"def f(a, b):\n    {body}\n", frozenset({"f"})))]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("return a + b", ["return a - b"]),
        ("return a ** b", ["return a * b"]),
        ("a *= b", ["a /= b"]),
        ("return a < b", ["return a <= b", "return a >= b"]),
        ("return a == b", ["return a != b"]),
        ("return a is None", ["return a is not None"]),
        ("return a and b", ["return a or b"]),
        ("return not a", ["return not not a"]),
        ("return ~a", ["return ~~a"]),
        ("return -a", ["return +a"]),
        ("return a[2]", ["return a[3]", "return a[1]"]),
        ("return 0.5", ["return 0.55"]),
        ("return 0.0", ["return 0.1"]),
        ("return True", ["return False"]),
        ("return 'word'", ["return 'word_'"]),
        ("return b if a else None", ["return b if not a else None"]),
        ("return a", []),
    ],
)
def test_each_operator_and_constant_has_its_changes(body, lines):
    """A comparison gets a neighbour and an opposite, an integer two neighbours, a condition its opposite."""
    assert changed(body) == lines


def test_chained_and_nested_parts_change_one_at_a_time():
    """In `0 <= a + b` the comparison, the constant and the sum change, each with the rest as it was."""
    assert changed("if 0 <= a + b:\n        a = b - 1") == [
        "if 0 < a + b:",
        "if 0 > a + b:",
        "if 1 <= a + b:",
        "if -1 <= a + b:",
        "if 0 <= a - b:",
        "a = b + 1",
        "a = b - 2",
        "a = b - 0",
    ]


def test_a_mutant_is_the_whole_program_with_one_change():
    """Its text runs, holds everything else, and shows the change."""
    text = "def g(x):\n    return x\n\ndef f(a, b):\n    return g(a + b)\n"
    (mutant,) = mutants(Program(text, frozenset({"f"})))
    assert mutant.text == text.replace("a + b", "a - b")
    names = {}
    exec(mutant.text, names)
    assert names["f"](5, 3) == 2


def test_same_lines_are_numbered_and_methods_are_named():
    """No two mutants of a program have the same name, so that a list can single one out."""
    text = (
        "class C:\n    def m(self):\n        x = 1\n        x = 1\n        return x\n\ndef f():\n    x = 1\n"
    )
    found = [m.key for m in mutants(Program(text, frozenset({"C", "f"})))]
    assert found[:4] == [
        ("C.m", "x = 2"),
        ("C.m", "x = 0"),
        ("C.m", "x = 2  # 2"),
        ("C.m", "x = 0  # 2"),
    ]
    assert found[4:] == [("f", "x = 2"), ("f", "x = 0")]


@pytest.mark.parametrize(
    "body",
    ['"""Returns 1 + 1."""', "raise ValueError('p + 1')", "print(f'{a + b:.3f} of 5')", "a: 'int'"],
)
def test_words_are_left_alone(body):
    """Docstrings, messages and annotations change nothing that a check should look at."""
    assert changed(body) == []


LESSON = '''# ---
# title: A lesson
# ---

# %% [markdown]
# # A heading

# %%
import numpy as np

from dropgrade.checks import check

LIMIT = 3
look = LIMIT + 1
print(1 + 1)


def given(x):
    return x + LIMIT


# %% grade_id="f" solution=true
def f(x):
    """Adds 1."""
    ### BEGIN SOLUTION
    return given(x) + 1
    ### END SOLUTION


# %% check="adds"
check("00_adds.adds", f)
'''


def test_a_lesson_becomes_a_program_that_loads():
    """Imports, constants and given functions stay; prose, checks and what is only looked at go."""
    found = program(LESSON)
    assert found.solved == {"f"}
    assert "check" not in found.text and "print" not in found.text and "look" not in found.text
    names = {}
    exec(found.text, names)
    assert names["f"](1) == 5
    assert names["f"].__doc__ == "Adds 1."


def test_only_what_the_learner_writes_is_changed():
    """The function that the lesson gives away is not on trial."""
    assert [m.key for m in mutants(program(LESSON))] == [
        ("f", "return given(x) - 1"),
        ("f", "return given(x) + 2"),
        ("f", "return given(x) + 0"),
    ]
