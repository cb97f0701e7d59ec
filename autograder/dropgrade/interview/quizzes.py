"""The quizzes at the chapters' ends: a list of questions for each chapter, each from a record of the bank.

A question, as an author writes it in `book/quizzes/02_forward.yml`, is one of three kinds:

    - id: 02a                        # the chapter's number and a letter; never reused, never renumbered
      from: Q15                      # the record of the bank that it comes from
      kind: choice
      convention: drop               # what p means: drop | keep; needed wherever p appears
      ask: What has to happen in evaluation?           # one paragraph of plain Markdown with $maths$
      options:                       # three to five, exactly one of them right
        - says: The output is multiplied by 0.8
          right: true
          why: The mean of the mask is 0.8.
        - says: The output is multiplied by 0.2
          why: That is the drop rate.
          misconception: eval_scaled_by_p              # optional: the paragraph to read, by its anchor
    - id: 02b
      from: X85
      kind: number
      ask: What comes out?
      check: 3 / (1 - 0.25)          # a formula in NumPy's names; the tests compute the answer by it
      answer: 4
      tolerance: {absolute: 0.01}    # or {relative: 0.01}, told to the reader; absolute 0 means exactly
      unit: units                    # optional
      near:                          # wrong values that people find, each computed as well
        - {value: 12, check: 3 / 0.25, why: You divided by the rate.}
      solution: What is kept is divided by 0.75.
    - id: 02f
      from: Q19
      kind: order
      ask: Put the lines in order.
      steps:                         # in the right order; why says what holds a step at its place
        - {does: Draw a uniform number, why: The mask is made from it.}
        - {does: Compare it with p, why: It needs the number.}
        - {does: Select, why: It needs the mask.}
      shown: [2, 3, 1]               # the order in which the reader meets them
      why: Draw, compare, select.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path

import jsonschema

from dropgrade.errors import CourseError
from dropgrade.interview.bank import BankError, read_yaml
from dropgrade.interview.rules import NEEDS_CONVENTION

KINDS = ("choice", "number", "order")
COMMON = {"id", "from", "kind", "convention", "ask"}
FIELDS = {
    "choice": {"options"},
    "number": {"check", "answer", "tolerance", "unit", "near", "solution"},
    "order": {"steps", "shown", "why"},
}
"""What belongs to one kind alone."""


class QuizError(CourseError):
    """A quiz is missing, no YAML, or breaks the schema or a rule; the message names file and question."""


def quiz_names(folder: Path) -> list[str]:
    """Slugs of the chapters that have a quiz, in the book's order; none if there is no such folder."""
    return sorted(path.stem for path in Path(folder).glob("*.yml"))


def load_quiz(folder: Path, slug: str, bank: Mapping[str, object]) -> list[dict]:
    """The questions of one chapter, in their order.

    Args:
        folder: holds `schema.json` and the `SLUG.yml` files.
        slug: a chapter such as "01_mask".
        bank: id -> record; each question's `from` has to be one of these ids.

    Raises:
        QuizError: unknown chapter, bad YAML, a broken schema, or a rule of `faults` that is broken.
    """
    path = Path(folder) / f"{slug}.yml"
    if not path.is_file():
        known = ", ".join(quiz_names(folder)) or "none"
        raise QuizError(f"no quiz for {slug!r} in {folder}; there are: {known}")
    try:
        questions = read_yaml(path)
    except BankError as error:
        raise QuizError(str(error)) from error
    schema = json.loads((Path(folder) / "schema.json").read_text("utf-8"))
    errors = jsonschema.Draft202012Validator(schema).iter_errors(questions)
    if error := jsonschema.exceptions.best_match(errors):
        raise QuizError(f"{path.name}: {_where(questions, error)}: {error.message}")
    if fault := next(faults(questions, slug, bank), None):
        raise QuizError(f"{path.name}: {fault}")
    return questions


def faults(questions: list[dict], slug: str, bank: Mapping[str, object]) -> Iterator[str]:
    """What the schema cannot see, as `ID: what`: ids, records, one right answer, values apart, what p is."""
    seen: set[str] = set()
    for question in questions:
        name = question["id"]
        if name in seen:
            yield f"{name}: id is used twice"
        seen.add(name)
        if name[:2] != slug[:2]:
            yield f"{name}: id must begin with the chapter's number, {slug[:2]}"
        if question["from"] not in bank:
            yield f"{name}: from must be a record of the bank, got {question['from']}"
        if strange := sorted(question.keys() - COMMON - FIELDS[question["kind"]]):
            yield f"{name}: kind {question['kind']} has no {', '.join(strange)}"
        texts = list(_texts(question))
        if "convention" not in question and any(NEEDS_CONVENTION.search(text) for text in texts):
            yield f"{name}: convention must say what p means, drop or keep"
        rules = {"choice": _choice, "number": _number, "order": _order}
        yield from (f"{name}: {said}" for said in rules[question["kind"]](question))


def accepts(question: dict, value: float) -> bool:
    """Whether a number lies within the tolerance of a question of kind number."""
    return abs(value - question["answer"]) <= slack(question) * (1 + 1e-9)


def slack(question: dict) -> float:
    """The largest distance from the answer that still counts as right."""
    tolerance = question["tolerance"]
    return tolerance.get("absolute", tolerance.get("relative", 0) * abs(question["answer"]))


def _choice(question: dict) -> Iterator[str]:
    right = sum("right" in option for option in question["options"])
    if right != 1:
        yield f"options must have exactly one that is right, got {right}"
    says = [option["says"] for option in question["options"]]
    if len(set(says)) < len(says):
        yield "options must differ"


def _number(question: dict) -> Iterator[str]:
    for entry in question["near"]:
        value = entry["value"]
        if abs(value - question["answer"]) <= slack(question) + near_slack(value):
            yield f"near: {value} must lie outside the tolerance of {question['answer']}"
    for one, other in combinations((entry["value"] for entry in question["near"]), 2):
        if abs(one - other) <= 2 * near_slack(one):
            yield f"near: {one} and {other} must lie apart, or nobody can tell which was meant"


def near_slack(value: float) -> float:
    """How far from a known wrong value an answer may be and still get its reason: three digits' rounding."""
    return max(0.005 * abs(value), 1e-9)


def _order(question: dict) -> Iterator[str]:
    count = len(question["steps"])
    if sorted(question["shown"]) != list(range(1, count + 1)):
        yield f"shown must hold each number from 1 to {count} once, got {question['shown']}"
    elif question["shown"] == sorted(question["shown"]):
        yield "shown must not be the right order already"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _where(questions: object, error: jsonschema.ValidationError) -> str:
    """A place a person can find: the question's id where it has one, then the path of field names."""
    steps = [str(step) for step in error.absolute_path]
    if steps and isinstance(questions, list) and isinstance(one := questions[int(steps[0])], dict):
        steps[0] = str(one.get("id", f"question {int(steps[0]) + 1}"))
    return " > ".join(steps) or "the file"
