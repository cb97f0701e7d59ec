"""The question bank on disk: one YAML file per chapter, checked against `book/questions/schema.json`.

A record, as an author writes it in `book/questions/02_forward.yml` (a list of such records):

    - id: Q16                          # never reused, never renumbered
      title: Scale by p or by 1 - p?
      levels: [junior, mid]            # recruiter | junior | mid | senior | research
      kind: derivation                 # concept | derivation | coding | debug | design | judgement | claim |
                                       # screen
      minutes: {answer: 4}             # and, if there are any, {followups: 4}
      convention: drop                 # what p means here: drop | keep | candidate_states
      prompt: >-                       # all texts are MyST: $maths$, `code`, {cite:p}`key`, {ref}`target`
        What scale keeps the mean when a unit is dropped with probability $p$?
      model_answer:
        short_20s: Divide what is kept by $1-p$, in training only.
        full: |
          Several paragraphs, a formula, what it means in words, and where the chapter shows it.
      wrong:                           # at least one
        - says: Multiply by $p$ at test time.
          why: That equals $1-p$ only at $p=0.5$.
          misconception: no_rescale    # optional: id from dropgrade.checks.misconceptions
      evidence:                        # optional: where the course proves it
        - {page: 02_forward, anchor: no-rescale, shows: the mean falls to 1 - p}
      sources:                         # at least one; key is an entry of book/references.bib
        - {key: srivastava2014dropout, where: section 10, checked: 2026-11-21}

Optional as well, for later uses of the same record: audience, skills, rubric, bars, accept_also, coding_task,
followups. Unknown fields are errors, so a slip of the pen cannot hide an answer.
"""

import json
from pathlib import Path

import jsonschema
import yaml


class BankError(ValueError):
    """A question file is missing, no YAML, or breaks the schema; the message names file, record and field."""


class _PlainDates(yaml.SafeLoader):
    """Leaves dates as the text they were written as, so that the schema can look at them."""


_PlainDates.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_questions(folder: Path, slug: str) -> list[dict]:
    """The records of one chapter, in the order of the file.

    Args:
        folder: holds `schema.json` and the `SLUG.yml` files.
        slug: chapter, such as "01_mask".

    Raises:
        BankError: unknown slug (the message lists the known ones), bad YAML, a broken schema, an id twice.
    """
    path = Path(folder) / f"{slug}.yml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in Path(folder).glob("*.yml"))) or "none"
        raise BankError(f"no questions for {slug!r} in {folder}; there are: {known}")
    try:
        records = yaml.load(path.read_text(encoding="utf-8"), Loader=_PlainDates)
    except yaml.YAMLError as error:
        raise BankError(f"{path.name} is not YAML: {error}") from error
    schema = json.loads((Path(folder) / "schema.json").read_text(encoding="utf-8"))
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(records))
    if error:
        raise BankError(f"{path.name}: {_where(records, error)}: {error.message}")
    ids = [record["id"] for record in records]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise BankError(f"{path.name}: id used twice: {', '.join(twice)}")
    return records


def _where(records: object, error: jsonschema.ValidationError) -> str:
    """A place a person can find: the record's id where it has one, then the path of field names."""
    steps = [str(step) for step in error.absolute_path]
    if steps and isinstance(records, list) and isinstance(record := records[int(steps[0])], dict):
        steps[0] = str(record.get("id", f"record {int(steps[0]) + 1}"))
    return " > ".join(steps) or "the file"
