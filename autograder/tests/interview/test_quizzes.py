"""The quizzes as they are, and what the loader refuses: every reason is there, every number is computed."""

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import yaml
from own_words import KEPT, repeated

from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.interview.bank import load_bank
from dropgrade.interview.quizzes import KINDS, QuizError, accepts, load_quiz, near_slack, quiz_names, slack

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "book" / "quizzes"
CHAPTERS = sorted(path.stem for path in (ROOT / "book").glob("[0-9]*.md"))
BANK = load_bank(ROOT / "book" / "questions")
QUIZZES = {slug: load_quiz(FOLDER, slug, BANK) for slug in quiz_names(FOLDER)}
QUESTIONS = [question for quiz in QUIZZES.values() for question in quiz]
CHOICES = [question for question in QUESTIONS if question["kind"] == "choice"]
NUMBERS = [question for question in QUESTIONS if question["kind"] == "number"]
NAMES = ("sqrt", "log", "mean", "var", "std", "sum", "array", "arange", "linspace", "ceil")
"""Of NumPy, for the formulas in the files."""
BEGIN = 40
"""Options of fewer characters than this may differ more in length: they are formulas or names."""


def compute(formula: str) -> float:
    """What a formula of a quiz file gives, by NumPy's functions and nothing else."""
    return float(eval(formula, {"__builtins__": {}} | {name: getattr(np, name) for name in NAMES}))


def test_every_chapter_has_a_quiz_of_four_or_more():
    """And each of them shows it, under the heading that the progress page leads to."""
    assert sorted(QUIZZES) == CHAPTERS
    assert all(len(quiz) >= 4 for quiz in QUIZZES.values())
    for slug in CHAPTERS:
        text = (ROOT / "book" / f"{slug}.md").read_text("utf-8")
        assert f"## Check yourself\n\n```{{quiz}} {slug}\n```\n" in text, slug


def test_every_chapter_has_all_kinds():
    """A choice, a number and an order."""
    kinds = {slug: {question["kind"] for question in quiz} for slug, quiz in QUIZZES.items()}
    assert {slug: found for slug, found in kinds.items() if found != set(KINDS)} == {}


def test_an_id_is_used_once_in_the_course():
    """What a reader's device keeps is found by it."""
    twice = [name for name, count in Counter(question["id"] for question in QUESTIONS).items() if count > 1]
    assert twice == []


@pytest.mark.parametrize("question", NUMBERS, ids=lambda question: question["id"])
def test_a_number_is_what_its_formula_gives(question):
    """The answer to a tenth of its tolerance, each known wrong value to a half of what is told apart."""
    assert compute(question["check"]) == pytest.approx(
        question["answer"], rel=1e-9, abs=max(slack(question) / 10, 1e-12)
    )
    for entry in question["near"]:
        found = compute(entry["check"])
        assert found == pytest.approx(entry["value"], rel=1e-9, abs=near_slack(entry["value"]) / 2)
        assert not accepts(question, found)


@pytest.mark.parametrize("question", NUMBERS, ids=lambda question: question["id"])
def test_a_rounded_answer_counts(question):
    """Three significant digits are enough, and the exact value is right as well."""
    exact = compute(question["check"])
    assert accepts(question, exact) and accepts(question, float(f"{exact:.3g}"))


def test_the_right_option_stands_anywhere():
    """Each of four places has an eighth to three eighths of them, and no chapter has one place only."""
    places = {
        question["id"]: next(at for at, option in enumerate(question["options"]) if "right" in option)
        for question in CHOICES
    }
    counts = Counter(places.values())
    assert all(len(CHOICES) / 8 <= counts[place] <= len(CHOICES) * 3 / 8 for place in range(4)), counts
    for slug, quiz in QUIZZES.items():
        here = [places[question["id"]] for question in quiz if question["kind"] == "choice"]
        assert len(here) == 1 or len(set(here)) > 1, slug


def test_the_right_option_is_not_told_by_its_length():
    """Options of a question are about equally long, and the longest is right no more often than by chance."""
    longest = 0
    for question in CHOICES:
        lengths = [len(option["says"]) for option in question["options"]]
        right = next(len(option["says"]) for option in question["options"] if "right" in option)
        assert max(lengths) <= 1.4 * max(min(lengths), BEGIN / 1.4), question["id"]
        longest += right == max(lengths)
    assert longest <= len(CHOICES) / 3


def test_a_reason_says_more_than_its_answer():
    """Five words or more for each option, step and wrong value; hardly any is used twice."""
    reasons = [
        (question["id"], entry["why"])
        for question in QUESTIONS
        for part in ("options", "near", "steps")
        for entry in question.get(part, ())
    ]
    short = [(name, why) for name, why in reasons if len(why.split()) < 5]
    assert short == []
    assert len({why for _, why in reasons}) >= len(reasons) - 12  # "Keep and drop are swapped." returns


def test_a_named_misconception_has_its_paragraph():
    """Each is one that the graders know."""
    named = {
        entry["misconception"]
        for question in QUESTIONS
        for entry in (*question.get("options", ()), *question.get("near", ()))
        if "misconception" in entry
    }
    assert named - set(MISCONCEPTIONS) == set() and len(named) > 40


def test_the_texts_are_our_own():
    """No run of eight words is shared with the texts that the bank grew from."""
    kept = np.load(KEPT)
    found = {path.name: repeated(path.read_text("utf-8"), kept) for path in FOLDER.glob("*.yml")}
    assert {name: runs for name, runs in found.items() if runs} == {}


CHOICE = {
    "id": "01a",
    "from": "Q01",
    "kind": "choice",
    "ask": "Which one?",
    "options": [
        {"says": "This", "why": "It is.", "right": True},
        {"says": "That", "why": "It is not."},
        {"says": "None", "why": "One is."},
    ],
}
NUMBER = {
    "id": "01b",
    "from": "Q01",
    "kind": "number",
    "ask": "How many?",
    "check": "8 / 2",
    "answer": 4,
    "tolerance": {"absolute": 0.1},
    "near": [{"value": 16, "check": "8 * 2", "why": "You multiplied."}],
    "solution": "Divide.",
}
ORDER = {
    "id": "01c",
    "from": "Q01",
    "kind": "order",
    "ask": "In which order?",
    "steps": [{"does": f"Step {at}", "why": "It comes so."} for at in (1, 2, 3)],
    "shown": [2, 3, 1],
    "why": "As they come.",
}
SOUND = [CHOICE, NUMBER, ORDER, CHOICE | {"id": "01d"}]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of quizzes with the real schema."""
    shutil.copy(FOLDER / "schema.json", tmp_path)
    return tmp_path


def load(folder: Path, quiz: object) -> list[dict]:
    (folder / "01_mask.yml").write_text(yaml.safe_dump(quiz), encoding="utf-8")
    return load_quiz(folder, "01_mask", {"Q01": {}})


def test_a_sound_quiz_comes_back_as_written(folder):
    """All three kinds, in their order."""
    assert load(folder, SOUND) == SOUND


@pytest.mark.parametrize(
    ("at", "where", "value", "said"),
    [
        (0, ["id"], "1a", "1a > id: '1a' does not match"),
        (0, ["id"], "02a", "01_mask.yml: 02a: id must begin with the chapter's number, 01"),
        (0, ["id"], "01b", "01b: id is used twice"),
        (0, ["from"], "Q99", "01a: from must be a record of the bank, got Q99"),
        (0, ["kind"], "essay", "01a > kind: 'essay' is not one of"),
        (0, ["ask"], " ", "01a > ask"),
        (0, ["ask"], "What is $p$?", "01a: convention must say what p means, drop or keep"),
        (0, ["options", 1, "why"], None, "01a > options > 1: 'why' is a required property"),
        (0, ["options", 1, "right"], True, "01a: options must have exactly one that is right, got 2"),
        (0, ["options", 0, "right"], None, "01a: options must have exactly one that is right, got 0"),
        (0, ["options", 1, "right"], False, "01a > options > 1 > right: True was expected"),
        (0, ["options", 1, "says"], "This", "01a: options must differ"),
        (0, ["options", 2], None, "01a > options: .* is too short"),
        (0, ["typo"], "x", "01a: Additional properties are not allowed"),
        (0, ["answer"], 3, "01a: kind choice has no answer"),
        (1, ["tolerance"], None, "01b: 'tolerance' is a required property"),
        (1, ["tolerance"], {"absolute": -1}, "01b > tolerance > absolute: -1 is less than"),
        (1, ["tolerance"], {}, "01b > tolerance: {} should be non-empty"),
        (1, ["check"], "__import__('os')", "01b > check: .* does not match"),
        (1, ["near"], [], "01b > near: .* should be non-empty"),
        (1, ["near", 0, "value"], 4.11, "01b: near: 4.11 must lie outside the tolerance of 4"),
        (1, ["solution"], None, "01b: 'solution' is a required property"),
        (2, ["shown"], [1, 2, 2], "01c > shown: .* has non-unique elements"),
        (2, ["shown"], [2, 1], r"01c: shown must hold each number from 1 to 3 once, got \[2, 1\]"),
        (2, ["shown"], [1, 2, 3], "01c: shown must not be the right order already"),
        (2, ["why"], None, "01c: 'why' is a required property"),
        (2, ["steps", 1, "why"], None, "01c > steps > 1: 'why' is a required property"),
    ],
)
def test_a_fault_is_refused_with_its_place(folder, at, where, value, said):
    """One change at a time to a sound quiz; None takes the field away."""
    quiz = json.loads(json.dumps(SOUND))
    *steps, last = where
    part = quiz[at]
    for step in steps:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    with pytest.raises(QuizError, match=said):
        load(folder, quiz)


def test_wrong_values_that_cannot_be_told_apart_are_refused(folder):
    """A reader's number would get the reason of another mistake."""
    near = [{"value": value, "check": "8 * 2", "why": "You multiplied."} for value in (16, 16.1)]
    with pytest.raises(QuizError, match=r"01b: near: 16 and 16\.1 must lie apart"):
        load(folder, [CHOICE, NUMBER | {"near": near}, ORDER, CHOICE | {"id": "01d"}])


def test_a_file_that_is_none_is_refused_with_its_name(folder):
    """No such chapter, no YAML, not a list."""
    with pytest.raises(QuizError, match=r"no quiz for '01_mask' in .*; there are: none"):
        load_quiz(folder, "01_mask", {})
    (folder / "01_mask.yml").write_text("- [", encoding="utf-8")
    with pytest.raises(QuizError, match=r"01_mask\.yml is not YAML"):
        load_quiz(folder, "01_mask", {})
    with pytest.raises(QuizError, match=r"01_mask\.yml: the file: .* is not of type 'array'"):
        load(folder, {"id": "01a"})


def test_the_schema_is_a_schema():
    """JSON, and sound by its own rules."""
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(json.loads((FOLDER / "schema.json").read_text("utf-8")))
