"""The pure half of the quizzes, in V8: how a number is read, which mistake it is, how right an order is."""

import json
import sys

import pytest
from py_mini_racer import MiniRacer
from test_quizzes import NUMBERS, ROOT, accepts

sys.path.insert(0, str(ROOT / "book" / "_ext"))

import quiz

STATIC = ROOT / "book/_static/quiz"


@pytest.fixture(scope="module")
def v8():
    """V8 with the core."""
    js = MiniRacer()
    js.eval((STATIC / "quiz_core.js").read_text("utf-8"))
    yield js
    js.close()


@pytest.fixture
def call(v8):
    """What a function of the core returns, as Python data."""

    def call(name: str, *arguments: object):
        given = ", ".join(json.dumps(one) for one in arguments)
        return json.loads(v8.eval(f"JSON.stringify(dropoutQuiz.{name}({given}))"))

    return call


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.25", 0.25),
        ("0,25", 0.25),
        (" 4 ", 4),
        ("-1.5", -1.5),
        ("\N{MINUS SIGN}3", -3),
        ("+2", 2),
        (".5", 0.5),
        (",5", 0.5),
        ("3.", 3),
        ("1e-3", 0.001),
        ("2,5E2", 250),
        ("0,125", 0.125),
        ("1.125", 1.125),
    ],
)
def test_a_number_is_read_with_comma_or_point(call, text, value):
    """With a sign or a power of ten, and as it is typed in different countries."""
    assert call("number", text) == {"value": value}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Write a number first."),
        ("   ", "Write a number first."),
        ("four", "“four” is none."),
        ("4 units", "without a unit; “4 units” is none."),
        ("20%", "“20%” is none."),
        ("1/4", "“1/4” is none."),
        ("1.2.3", "“1.2.3” is none."),
        ("1,000,000", "“1,000,000” is none."),
        ("Infinity", "“Infinity” is none."),
        ("0x10", "“0x10” is none."),
        ("1e999", "“1e999” is none."),
        (".", "“.” is none."),
        ("1,000", "“1,000” may be read in two ways. Write 1000 or 1.000."),
        ("x" * 99, f"“{'x' * 24} …” is none."),
    ],
)
def test_what_is_no_number_is_said_and_not_guessed(call, text, said):
    """Nothing is cut off or made up; a comma before three digits could be either."""
    found = call("number", text)
    assert set(found) == {"trouble"} and found["trouble"].endswith(said)


@pytest.mark.parametrize("question", NUMBERS, ids=lambda question: question["id"])
def test_each_known_wrong_value_gets_its_own_reason(call, question):
    """Typed with three digits, it is that mistake and no other; the answer is none of them."""
    known = quiz.known_wrong(question)
    for place, entry in enumerate(question["near"]):
        typed = call("number", f"{entry['value']:.3g}")["value"]
        assert call("near", typed, known) == place and not accepts(question, typed)
    assert call("near", question["answer"], known) == -1


def test_an_order_is_judged_by_place(call):
    """How many steps are where they belong, and the first that is not."""
    assert call("order", [0, 1, 2, 3]) == {"fine": 4, "first": -1}
    assert call("order", [0, 2, 1, 3]) == {"fine": 2, "first": 1}
    assert call("order", [3, 0, 1, 2]) == {"fine": 0, "first": 0}
