"""The graders on trial: every answer in `solutions/*/answers` is judged under many seeds.

``python -m dropgrade.checks.proof solutions --write book/results/proof`` tries again what has changed since
that folder's files, one for each exercise, were written; ``--check`` instead of ``--write`` only says whether
anything has.
"""

import argparse
import ast
import contextlib
import functools
import hashlib
import inspect
import io
import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dropgrade.checks import api
from dropgrade.checks.answers import load
from dropgrade.checks.api import exercise, exercises, functions_in, judge, run
from dropgrade.checks.verdicts import Exercise
from dropgrade.errors import CourseError

LONG = 45.0
"""Seconds that a check may take from which on it is not tried on each wrong answer."""
HEADER = re.compile(r"^# fails: (\w+) as (\w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """An answer file and what it claims about itself.

    Attributes:
        slug, name: exercise and file stem. right: whether it should pass.
        says: first line of its docstring: the style or the mistake.
        check, diagnosis: where a wrong answer should fail, and as what (None: no misconception is named).
    """

    slug: str
    name: str
    right: bool
    says: str
    check: str | None
    diagnosis: str | None


@dataclass
class Outcome:
    """What the trial of one case showed.

    Attributes:
        runs: how many seeds. as_foretold: in how many of them a right answer passed everything, or a wrong
            one failed in its check with its diagnosis.
        fails: (check, diagnosis, number of runs) of all failures, the most frequent first.
    """

    case: Case
    runs: int
    as_foretold: int
    fails: list[tuple[str, str | None, int]]


def read_case(path: Path) -> Case:
    """What the head of an answer file claims; `CourseError` if it claims nothing."""
    text = path.read_text(encoding="utf-8")
    right, slug = path.name.startswith("right_"), path.parents[1].name
    says, header = re.match(r'"""(.+?)(\n|""")', text), HEADER.findall(text)
    if not says or len(header) != (0 if right else 1):
        raise CourseError(
            f"{path} should begin with a docstring, and a wrong answer has one line "
            "`# fails: CHECK as DIAGNOSIS`"
        )
    check, diagnosis = header[0] if header else (None, None)
    return Case(slug, path.stem, right, says[1], check, None if diagnosis == "None" else diagnosis)


def try_case(path: Path, seeds: Iterable[int]) -> Outcome:
    """Judge one answer under each seed, loaded afresh each time, so that nothing it remembers helps it.

    The global generators are seeded for those wrong answers that draw from them: a verdict repeats.
    """
    case, fails, runs, good = read_case(path), Counter(), 0, 0
    for seed in seeds:
        np.random.seed(seed)
        random.seed(seed)
        with contextlib.redirect_stdout(io.StringIO()):
            names = load(path).namespace
            failed = failures(case, names, seed) if case.check else failures_of_all(case, names, seed)
            if case.right and "never_ends" in failed.values():  # the clock of a busy machine: once more
                failed = failures_of_all(case, load(path).namespace, seed)
        fails.update(failed.items())
        runs += 1
        foretold = case.check in failed and failed[case.check] == case.diagnosis
        good += not failed if case.right else foretold
    ordered = sorted(fails.items(), key=lambda item: (-item[1], item[0][0]))
    return Outcome(case, runs, good, [(check, diagnosis, count) for (check, diagnosis), count in ordered])


def failures_of_all(case: Case, names: Mapping[str, Any], seed: int) -> dict[str, str | None]:
    """The diagnosis of each check that an answer fails, when it is judged as a learner's is."""
    return {c["id"]: c["diagnosis"] for c in run(case.slug, names, seed)["checks"] if not c["passed"]}


def failures(case: Case, names: Mapping[str, Any], seed: int) -> dict[str, str | None]:
    """The same for a wrong answer, for which a check that trains for long is tried only where foretold."""
    task, failed = exercise(case.slug), {}
    functions = functions_in(task, names)
    for check in task.checks:
        if check.seconds < LONG or check.id == case.check:
            verdict = judge(task, check, functions, seed)
            failed |= {} if verdict.passed else {check.id: verdict.diagnosis}
            if verdict.diagnosis == "never_ends":
                break
    return failed


def try_all(solutions: Path, task: Exercise, seeds: int, jobs: int) -> Iterator[Outcome]:
    """Try every answer to an exercise.

    Right ones are tried under `seeds` seeds, wrong ones under a tenth of them, but at least 10. Where no
    check can fail by chance, a tenth has to do for the right ones, too.
    """
    folder, few = solutions / task.slug / "answers", max(10, seeds // 10)
    right, wrong = sorted(folder.glob("right_*.py")), sorted(folder.glob("wrong_*.py"))
    if not right or not wrong:
        raise CourseError(f"{folder} should hold answers called right_*.py and wrong_*.py")
    counts = [range(seeds if task.false_alarm else few)] * len(right) + [range(few)] * len(wrong)
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(try_case, right + wrong, counts)


def describe(
    task: Exercise, outcomes: list[Outcome], hashes: dict[str, str], before: dict[str, Any] | None
) -> dict[str, Any]:
    """One exercise: what its checks promise, what the trial showed, and what all that depends on.

    Args:
        hashes: from `sources`, taken before the trial.
        before: the same exercise in the file so far; the longest trial in it is handed on.
    """
    checks = [
        {"id": c.id, "points": c.points, "fact": c.fact, "false_alarm": c.false_alarm, "catches": c.catches}
        for c in task.checks
    ]
    answers = [
        asdict(o.case)
        | {"runs": o.runs, "as_foretold": o.as_foretold}
        | {"fails": [{"check": check, "diagnosis": named, "runs": count} for check, named, count in o.fails]}
        for o in outcomes
    ]
    return {
        "slug": task.slug,
        "title": task.title,
        "max_score": task.max_score,
        "false_alarm": task.false_alarm,
        "checks": checks,
        "answers": answers,
        "longest": longest([o for o in outcomes if o.case.right], hashes, before),
        "versions": {"python": sys.version.split()[0], "numpy": np.__version__},
        "sources": hashes,
    }


def longest(right: list[Outcome], hashes: dict[str, str], before: dict[str, Any] | None) -> dict[str, Any]:
    """The trial of the right answers with the most seeds so far, with one hash of its sources."""
    trial = {
        "seeds": min(o.runs for o in right),
        "runs": sum(o.runs for o in right),
        "false_alarms": sum(o.runs - o.as_foretold for o in right),
        "sources": hashlib.sha256(json.dumps(hashes).encode()).hexdigest(),
    }
    earlier = (before or {}).get("longest", trial)
    return earlier if earlier["seeds"] > trial["seeds"] else trial


def summary(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The sums over some exercises, as `read` gives them: what the proof page says first."""
    answers = [answer for part in parts for answer in part["answers"]]
    right, wrong = [a for a in answers if a["right"]], [a for a in answers if not a["right"]]

    def count(some: list[dict[str, Any]], others: str) -> dict[str, int]:
        runs = sum(a["runs"] for a in some)
        return {"answers": len(some), "runs": runs, others: runs - sum(a["as_foretold"] for a in some)}

    return {
        "right": count(right, "false_alarms"),
        "wrong": count(wrong, "missed"),
        "misconceptions": len({a["diagnosis"] for a in wrong} - {None}),
        "false_alarm": max(part["false_alarm"] for part in parts),
    }


def sources(task: Exercise, solutions: Path) -> dict[str, str]:
    """SHA-256 of everything the outcome of an exercise depends on: its checks, how they run, its answers."""
    package = Path(__file__).parents[2]
    found: dict[str, bytes] = {}
    waiting = [task.checks[0].run.__module__]
    while waiting:
        path = package / (waiting.pop().replace(".", "/") + ".py")
        name = path.relative_to(package).as_posix()
        if name not in found and path.exists():
            found[name] = path.read_bytes()
            waiting += imported(found[name])
    for function in (api.judge, api.run):  # the rest of that module only collects the exercises
        found[f"dropgrade/checks/api.py:{function.__name__}"] = inspect.getsource(function).encode()
    for path in solutions.glob(f"{task.slug}/answers/*.py"):
        found[f"solutions/{path.relative_to(solutions).as_posix()}"] = path.read_bytes()
    return {name: hashlib.sha256(found[name]).hexdigest() for name in sorted(found)}


@functools.cache
def imported(text: bytes) -> tuple[str, ...]:
    """The modules of the checks and the reference that a module imports; cached: exercises share modules."""
    names = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            ("dropgrade.checks", "dropgrade.reference")
        ):
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names)


def read(written: Path) -> list[dict[str, Any]]:
    """The exercises in a proof folder, in the order of the book; none if there is no such folder.

    Raises:
        CourseError: a file in it is no proof.
    """
    parts = []
    for path in sorted(written.glob("*.json")):
        try:
            part = json.loads(path.read_text(encoding="utf-8"))
            parts.append(part | {"slug": part["slug"], "sources": part["sources"]})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CourseError(
                f"{path} is no proof ({error!r}); delete it and try that exercise again"
            ) from None
    return parts


def write(folder: Path, part: dict[str, Any]) -> None:
    """Keep the outcome of one exercise, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{part['slug']}.part"
    unfinished.write_text(json.dumps(part, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(folder / f"{part['slug']}.json")


def stale(written: Path, solutions: Path) -> dict[str, list[str]]:
    """The exercises in a proof folder that have changed since, each with the names of what changed."""
    changed = {}
    for part in read(written):
        before, now = part["sources"], sources(exercise(part["slug"]), solutions)
        changed[part["slug"]] = sorted(n for n in before.keys() | now.keys() if before.get(n) != now.get(n))
    return {slug: names for slug, names in changed.items() if names}


def tell(outcome: Outcome) -> str:
    """A line about an answer that behaves otherwise than foretold; empty if it does not."""
    if outcome.as_foretold == outcome.runs:
        return ""
    case = outcome.case
    foretold = "nothing" if case.right else f"{case.check} as {case.diagnosis}"
    seen = (
        ", ".join(f"{check} as {named} ({count})" for check, named, count in outcome.fails[:4]) or "nothing"
    )
    runs = f"{outcome.as_foretold} of {outcome.runs} runs"
    return f"{case.slug}/{case.name}: {runs} as foretold; should fail {foretold}, fails {seen}"


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns 1 if an answer behaves otherwise than foretold or a file is stale."""
    parser = argparse.ArgumentParser(prog="python -m dropgrade.checks.proof")
    parser.add_argument("solutions", type=Path, help="the folder with SLUG/answers/")
    parser.add_argument("slugs", nargs="*", help="what to try (default: what has changed in FOLDER)")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="keep the outcomes there")
    parser.add_argument("--check", type=Path, metavar="FOLDER", help="only say what has changed")
    parser.add_argument("--seeds", type=int, default=300, help="seeds for each right answer (default 300)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes (default: one a core)")
    options = parser.parse_args(arguments)
    if options.check:
        changed = stale(options.check, options.solutions)
        for slug, names in changed.items():
            print(f"{slug} has changed since {options.check} was written: {', '.join(names[:5])}")
        return 1 if changed else 0
    kept = {part["slug"]: part for part in read(options.write)} if options.write else {}
    names = options.slugs or (stale(options.write, options.solutions) if kept else every(options.solutions))
    failures, parts = 0, []
    for slug in names:
        task, outcomes = exercise(slug), []
        hashes = sources(task, options.solutions)
        for outcome in try_all(options.solutions, task, options.seeds, options.jobs):
            outcomes.append(outcome)
            if line := tell(outcome):
                failures += 1
                print(line, flush=True)
        parts.append(describe(task, outcomes, hashes, kept.get(slug)))
        if options.write:
            write(options.write, parts[-1])
    print(told(parts))
    return 1 if failures else 0


def told(parts: list[dict[str, Any]]) -> str:
    """The outcome in a line."""
    if not parts:
        return "nothing has changed"
    sums = summary(parts)
    right, wrong = sums["right"], sums["wrong"]
    return (
        f"{right['answers']} right answers: {right['false_alarms']} false alarms in {right['runs']} runs. "
        f"{wrong['answers']} wrong answers: {wrong['missed']} missed in {wrong['runs']} runs."
    )


def every(solutions: Path) -> list[str]:
    """The exercises that have answers; `CourseError` if none has."""
    found = [task.slug for task in exercises() if (solutions / task.slug / "answers").is_dir()]
    if not found:
        raise CourseError(f"{solutions} holds no answers (SLUG/answers/right_*.py and wrong_*.py)")
    return found


if __name__ == "__main__":
    raise SystemExit(main())
