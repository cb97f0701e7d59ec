"""What to study for a skill: the chapters, exercises and questions that the bank ties to it.

Nothing is entered by hand. A record names its skills; the file it stands in, the pages that prove its answer
and its coding task say where the skill is taught and practised. What most records point at comes first.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dropgrade.interview.bank import LEVELS

SKILLS = {
    "definition": "Saying what dropout is",
    "convention": "Keeping the meanings of p apart",
    "train_eval": "Training mode and evaluation mode",
    "expectation": "Expectations over masks",
    "variance": "The variance that masks add",
    "gradient": "The backward pass",
    "ensemble": "Reading dropout as an ensemble",
    "regulariser": "Reading dropout as a penalty",
    "rate": "Choosing a rate",
    "optimisation": "Training with noise: speed, steps, convergence",
    "architecture": "Where to put dropout in a network",
    "normalisation": "Dropout beside normalisation",
    "recurrent": "Recurrent networks",
    "transformer": "Transformers and language models",
    "uncertainty": "Uncertainty from masks",
    "variants": "Relatives of dropout",
    "numerics": "Numbers: dtypes, edge cases, tolerances",
    "rng": "Random numbers and seeds",
    "framework": "What the libraries do",
    "debugging": "Finding the bug",
    "experiment": "Designing and judging experiments",
    "metrics": "Reading curves and metrics",
    "systems": "Kernels, memory, many machines",
    "history": "Where it comes from",
    "communication": "Explaining it to others",
    "hiring": "Reading resumes, screening",
}
"""Every skill of the schema in words, in the order of the map."""
MOST = 3
"""Chapters or exercises named for one skill."""


@dataclass(frozen=True)
class Study:
    """Where one skill is taught, practised and asked.

    Attributes:
        label: the skill in words.
        chapters: pages below book/, such as "02_forward" or "recruiter/plain_words", the most useful first.
        exercises: slugs, the most useful first.
        questions: ids by level, easier levels first.
    """

    label: str
    chapters: tuple[str, ...]
    exercises: tuple[str, ...]
    questions: tuple[str, ...]


def study_map(bank: dict[str, dict]) -> dict[str, Study]:
    """Skill -> where to study it, for every skill that a record names, in the order of `SKILLS`."""
    by_skill = {
        skill: [record for record in bank.values() if skill in record.get("skills", ())] for skill in SKILLS
    }
    return {skill: _study(skill, records) for skill, records in by_skill.items() if records}


def pages_of(record: dict) -> set[str]:
    """Pages below book/ that teach what a record asks: its chapter, and those that prove the answer."""
    proofs = {entry["page"] for entry in record.get("evidence", ()) if "page" in entry}
    return {page for page in proofs | {record["topic"]} if re.match(r"\d\d_|recruiter/", page)}


def exercises_of(record: dict) -> set[str]:
    """Exercises that practise what a record asks: its coding task, and its chapter's."""
    own = {record["topic"]} if re.match(r"\d\d_", record["topic"]) else set()
    return own | ({record["coding_task"]} if "coding_task" in record else set())


def _study(skill: str, records: list[dict]) -> Study:
    ordered = sorted(records, key=lambda record: LEVELS.index(record["levels"][0]))
    return Study(
        SKILLS[skill],
        _foremost(pages_of(record) for record in records),
        _foremost(exercises_of(record) for record in records),
        tuple(record["id"] for record in ordered),
    )


def _foremost(named: Iterable[set[str]]) -> tuple[str, ...]:
    """The names that occur most often; of equals the one that comes first in the course."""
    counts = Counter(name for names in named for name in names)
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:MOST])
