"""The question bank on disk: lists of records in YAML, one record for every use.

A record, as an author writes it in `book/questions/02_forward.yml`:

    - id: Q16                              # never reused, never renumbered
      title: Scale by p or by 1 - p?
      levels: [junior, mid]                # recruiter | junior | mid | senior | staff; the first counts
      audience: [candidate, interviewer]   # recruiter | candidate | interviewer
      kind: derivation                     # concept | derivation | coding | debug | design | judgement |
                                           # claim | screen
      skills: [train_eval, expectation]
      conflict: scaling                    # optional: two of one group never share a kit
      minutes: {answer: 4, followups: 3}
      prompt: >-                           # all texts are plain Markdown with $maths$, without roles or links
        What scale keeps the mean when a unit is dropped with probability $p$?
      convention: drop                     # what p means here: drop | keep | candidate_states
      model_answer:
        short_20s: Divide what is kept by $1-p$, in training only.
        full: |
          The reason, the formula, its limits.
      rubric:                              # adds up to 10, at least one must
        - {pts: 6, must: true, say: takes the expectation over the mask}
        - {pts: 4, say: names both scalings}
      bars: {junior: 4, mid: 7}            # one for each level, rising
      anchors: {poor: ..., mixed: ..., good: ..., excellent: ...}
      accept_also: [classical scaling by 1-p at test time, named as such]
      wrong:
        - says: Multiply by $p$ at test time.
          why: That equals $1-p$ only at $p=0.5$.
          misconception: no_rescale        # optional: id from dropgrade.checks.misconceptions
          claim: T01                       # optional: the trial of that claim
      evidence:                            # `measure` is measured again by the tests
        - {measure: basics.mean_after_scaling, expect: 0.99 to 1.01, shows: mean over the input's}
        - {page: 02_forward, anchor: no-rescale, shows: the mean falls to 1 - p}
      coding_task: 02_forward              # the exercise to practise it in; kind coding must name one
      followups:                           # `ask` leads to a harder record; the others carry their answer
        - {if: correct, ask: X03}
        - {if: wrong, prompt: What is the mean of the mask?, answer: "It is $1-p$."}
      sources:                             # key is an entry of book/references.bib
        - {key: srivastava2014dropout, where: section 10, checked: 2026-11-21}

Unknown fields are errors, so a slip of the pen cannot hide an answer. What one record owes to another
(references, levels, no circles) is checked by `dropgrade.interview.rules`.
"""

import copy
import functools
import hashlib
import json
from pathlib import Path

import jsonschema
import yaml

from dropgrade.errors import CourseError

LEVELS = ("recruiter", "junior", "mid", "senior", "staff")
"""From plain words upwards; a follow-up never leads down this list."""


class BankError(CourseError):
    """A question file is missing, no YAML, or breaks the schema; the message names file, record and field."""


class _PlainDates(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Leaves dates as the text they were written as, so that the schema can look at them."""


_PlainDates.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path) -> object:
    """The content of a YAML file with dates left as text; `BankError` names the file and the line."""
    return _parse(path.name, path.read_text(encoding="utf-8"))


def _parse(name: str, text: str) -> object:
    try:
        return yaml.load(text, Loader=_PlainDates)
    except yaml.YAMLError as error:
        raise BankError(f"{name} is not YAML: {error}") from error


def topics(folder: Path) -> list[str]:
    """Names of all question files of a folder, sorted."""
    return sorted(path.stem for path in Path(folder).glob("*.yml"))


def load_questions(folder: Path, topic: str) -> list[dict]:
    """The records of one file, in its order.

    Args:
        folder: holds `schema.json` and the `TOPIC.yml` files.
        topic: a chapter such as "01_mask", or another file's name such as "theory".

    Raises:
        BankError: unknown topic (the message lists the known ones), bad YAML, a broken schema, an id twice.
    """
    path = Path(folder) / f"{topic}.yml"
    if not path.is_file():
        known = ", ".join(topics(folder)) or "none"
        raise BankError(f"no questions for {topic!r} in {folder}; there are: {known}")
    schema = (Path(folder) / "schema.json").read_text(encoding="utf-8")
    return copy.deepcopy(_checked(path.name, path.read_text(encoding="utf-8"), schema))


@functools.cache
def _checked(name: str, text: str, schema: str) -> list[dict]:
    """The records in a file's text, once they pass the schema; cached, because many pages read one file."""
    records = _parse(name, text)
    validator = jsonschema.Draft202012Validator(json.loads(schema))
    error = jsonschema.exceptions.best_match(validator.iter_errors(records))
    if error:
        raise BankError(f"{name}: {_where(records, error)}: {error.message}")
    ids = [record["id"] for record in records]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise BankError(f"{name}: id used twice: {', '.join(twice)}")
    return records


def load_bank(folder: Path) -> dict[str, dict]:
    """All records by id, each with its file's name as `topic`, ordered by file and place in it.

    Raises:
        BankError: as `load_questions`, or one id in two files.
    """
    bank: dict[str, dict] = {}
    for topic in topics(folder):
        for record in load_questions(folder, topic):
            if record["id"] in bank:
                raise BankError(
                    f"id {record['id']} is in {bank[record['id']]['topic']}.yml and in {topic}.yml"
                )
            bank[record["id"]] = record | {"topic": topic}
    return bank


def fingerprint(bank: dict[str, dict]) -> str:
    """SHA-256 of the bank's content, whatever the order of its files and fields."""
    canonical = json.dumps(bank, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _where(records: object, error: jsonschema.ValidationError) -> str:
    """A place a person can find: the record's id where it has one, then the path of field names."""
    steps = [str(step) for step in error.absolute_path]
    if steps and isinstance(records, list) and isinstance(record := records[int(steps[0])], dict):
        steps[0] = str(record.get("id", f"record {int(steps[0]) + 1}"))
    return " > ".join(steps) or "the file"
