"""What the records owe to one another and to the course; run as a module, it lists what is broken.

The schema looks at one field at a time. These rules look further: points that add up, bars for each level,
follow-ups that exist, lead to something harder and never in a circle, measures that hold, trials and
exercises that exist, sources in the bibliography, no p without its meaning.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from dropgrade.errors import CourseError
from dropgrade.interview import evidence
from dropgrade.interview.bank import LEVELS, load_bank, read_yaml

RUBRIC_SUM = 10
NEEDS_CONVENTION = re.compile(
    r"\$[^$]*\bp\b[^$]*\$|drop(?:out)? rate|keep[_ ]prob|\bp ?= ?0?\.\d", re.IGNORECASE
)
ROLE = re.compile(r"\{[a-z:-]+\}`|\]\(")
COMPUTES_NOTHING = {"screen"}
"""Kinds of question whose proof may be a page instead of a measure."""


class Course:
    """What records may refer to, read once from the course's folder."""

    def __init__(self, root: Path):
        self.bank = load_bank(root / "book" / "questions")
        self.sources = set(
            re.findall(r"^@\w+\{([^,]+),", (root / "book/references.bib").read_text("utf-8"), re.M)
        )
        self.exercises = {path.parent.name for path in (root / "solutions").glob("*/lesson.py")}
        docket = root / "book" / "trials" / "docket.yml"
        self.trials = {trial["id"] for trial in read_yaml(docket)["trials"]} if docket.is_file() else set()
        self.modules = {path.stem: path for path in (root / "book" / "evidence").glob("[a-z]*.py")}
        self.kept = root / "book" / "results" / "evidence"
        self.found: dict[str, dict[str, evidence.Measured]] = {}

    def measured(self, name: str) -> evidence.Measured:
        """The kept value of `TOPIC.function`; `EvidenceError` if there is none or an old one."""
        topic, _, function = name.partition(".")
        if topic not in self.modules:
            raise evidence.EvidenceError(f"no module of measures is called {topic!r}")
        if topic not in self.found:
            self.found[topic] = evidence.read(self.modules[topic], self.kept)
        if function not in self.found[topic]:
            raise evidence.EvidenceError(
                f"{topic} has no measure {function!r}; it has: {', '.join(self.found[topic])}"
            )
        return self.found[topic][function]


def rubric(record: dict, course: Course) -> Iterator[str]:
    """Points add up to 10 and at least one is a must; every level has a bar, and bars rise."""
    points = [entry["pts"] for entry in record["rubric"]]
    if sum(points) != RUBRIC_SUM:
        yield f"rubric must add up to {RUBRIC_SUM}, got {sum(points)}"
    if not any(entry.get("must") for entry in record["rubric"]):
        yield "rubric must have a must-point"
    if list(record["bars"]) != record["levels"]:
        yield f"bars must be for {', '.join(record['levels'])} in this order, got {', '.join(record['bars'])}"
    bars = list(record["bars"].values())
    if bars != sorted(set(bars)) or bars[-1] > RUBRIC_SUM:
        yield f"bars must rise and end at {RUBRIC_SUM} or below, got {bars}"


def levels(record: dict, course: Course) -> Iterator[str]:
    """Levels stand in rising order."""
    if record["levels"] != sorted(record["levels"], key=LEVELS.index):
        yield f"levels must rise, got {', '.join(record['levels'])}"


def followups(record: dict, course: Course) -> Iterator[str]:
    """A follow-up asks a record that exists and is not below this one, or carries its own answer."""
    for entry in record["followups"]:
        if "ask" not in entry:
            continue
        asked = course.bank.get(entry["ask"])
        if asked is None:
            yield f"followup asks {entry['ask']}, which does not exist"
        elif LEVELS.index(asked["levels"][-1]) < LEVELS.index(record["levels"][0]):
            yield f"followup asks {entry['ask']}, which is below {record['levels'][0]}"


def texts(record: dict, course: Course) -> Iterator[str]:
    """Texts go to cards and paper too, so they hold no roles or links; a p has its meaning named."""
    everything = list(_strings({key: record[key] for key in record if key not in ("sources", "evidence")}))
    for text in everything:
        if found := ROLE.search(text):
            yield f"text must be plain Markdown, got {found[0]!r} in {text[:50]!r}"
    if "convention" not in record and any(NEEDS_CONVENTION.search(text) for text in everything):
        yield "p or a rate is mentioned: convention must say what it means"
    words = len(record["model_answer"]["short_20s"].split())
    if not 12 <= words <= 75:
        yield f"short_20s must be sayable in 20 seconds (12 to 75 words), got {words}"


def references(record: dict, course: Course) -> Iterator[str]:
    """Sources are in the bibliography; trials and exercises exist; a coding question can be practised."""
    for entry in record["sources"]:
        if entry["key"] not in course.sources:
            yield f"source {entry['key']} is not in references.bib"
    for entry in record["wrong"]:
        if "claim" in entry and entry["claim"] not in course.trials:
            yield f"claim {entry['claim']} is not on the docket"
    task = record.get("coding_task")
    if task and task not in course.exercises:
        yield f"coding_task must be an exercise, got {task}"
    if record["kind"] == "coding" and not task:
        yield "kind coding needs a coding_task"


def proof(record: dict, course: Course) -> Iterator[str]:
    """What is measured is as expected; only questions with nothing to compute do without."""
    measured = [entry for entry in record["evidence"] if "measure" in entry]
    if not measured and record["kind"] not in COMPUTES_NOTHING and "history" not in record["skills"]:
        yield "evidence must have a measure"
    for entry in measured:
        try:
            found = course.measured(entry["measure"])
            if not evidence.holds(entry["expect"], found):
                yield f"{entry['measure']} is {found.quote(4)}, expected {entry['expect']}"
        except evidence.EvidenceError as error:
            yield str(error)


RULES: tuple[Callable[[dict, Course], Iterator[str]], ...] = (
    rubric,
    levels,
    followups,
    texts,
    references,
    proof,
)


def circles(bank: dict[str, dict]) -> list[str]:
    """Chains of `ask` that come back to where they started, each as `Q01 -> X03 -> Q01`."""
    asks = {
        name: [entry["ask"] for entry in record["followups"] if "ask" in entry]
        for name, record in bank.items()
    }
    found: list[str] = []
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> None:
        if name in path:
            found.append(" -> ".join([*path[path.index(name) :], name]))
        elif name in asks and name not in done:
            for following in asks[name]:
                walk(following, [*path, name])
            done.add(name)

    for name in asks:
        walk(name, [])
    return found


def broken(course: Course, topics: tuple[str, ...] = ()) -> list[str]:
    """Every broken rule as `TOPIC ID: what`; of some topics, or of all."""
    problems = [f"circle of follow-ups: {circle}" for circle in circles(course.bank)]
    for name, record in course.bank.items():
        if topics and record["topic"] not in topics:
            continue
        problems += [f"{record['topic']} {name}: {said}" for rule in RULES for said in rule(record, course)]
    return problems


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def main(arguments: list[str] | None = None) -> int:
    """Print what is broken; exit code 1 if anything is."""
    parser = argparse.ArgumentParser(prog="dropgrade.interview.rules", description=__doc__.splitlines()[0])
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="question files to look at; default: all")
    parser.add_argument("--course", type=Path, default=Path(), help="the course's folder; default: here")
    options = parser.parse_args(arguments)
    try:
        problems = broken(Course(options.course), tuple(options.topics))
    except CourseError as error:
        problems = [str(error)]
    print("\n".join(problems) or "all rules hold")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
