"""The graders on trial with small changes to the reference solutions: one operator or constant each.

``python -m dropgrade.checks.mutants solutions SLUG`` changes the solution cells of ``SLUG/lesson.py`` in
every way that `mutating` knows, judges each mutant, and names those that pass. A mutant that changes nothing
a caller could see is listed with the reason in ``SLUG/equivalent.toml``; any other that passes is a hole in
the grader. With ``--write book/results/mutants`` the outcome is kept; without SLUG it is renewed where stale.
"""

import argparse
import hashlib
import random
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from dropgrade.checks import proof
from dropgrade.checks.api import exercise
from dropgrade.checks.first_failure import first_failure
from dropgrade.checks.mutating import Mutant, Program, code_cells, mutants, program
from dropgrade.errors import CourseError

SEEDS = range(3)
"""A mutant survives if it passes under all of these seeds."""
SHORTEST = 15
"""Letters that a reason for an equivalent mutant has at least."""

Reasons = dict[tuple[str, str], str]
"""Why a mutant is equivalent, by the function and the mutated source of `Mutant.key`."""


class Tried(NamedTuple):
    """A mutant, how many runs it passed before one rejected it, and by which check; "" for a survivor."""

    mutant: Mutant
    passed: int
    by: str


def solution(solutions: Path, slug: str) -> Program:
    """The reference solution as a program of its own; `CourseError` if the lesson cannot be read."""
    try:
        return program(lesson(solutions, slug))
    except SyntaxError as error:
        raise CourseError(f"the lesson of {slug} is not Python: {error}") from None


def lesson(solutions: Path, slug: str) -> str:
    """The text of a lesson; `CourseError` if there is none."""
    path = solutions / slug / "lesson.py"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CourseError(f"{path} cannot be read: {error}") from None


def equivalents(solutions: Path, slug: str) -> Reasons:
    """What equivalent.toml lists, nothing if there is none; `CourseError` for a malformed file."""
    path = solutions / slug / "equivalent.toml"
    if not path.exists():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["equivalent"]
        reasons = {(entry["function"], entry["mutant"]): entry["reason"].strip() for entry in entries}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} should hold [[equivalent]] function, mutant, reason: {error!r}") from None
    if len(reasons) < len(entries):
        raise CourseError(f"{path} lists a mutant twice")
    for (function, text), reason in reasons.items():
        if len(reason) < SHORTEST:
            raise CourseError(f"{path}: the reason for `{text}` in {function} says too little: {reason!r}")
    return reasons


def try_all(slug: str, reference: Program, chosen: list[Mutant]) -> list[Tried]:
    """Judge mutants, and the unchanged solution first: `CourseError` if that is rejected itself."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.py"
        path.write_text(reference.text, encoding="utf-8")
        if by := first_failure(slug, path, SEEDS[:1])[1]:
            raise CourseError(f"{slug}: the solution itself fails {by} when it runs without its lesson")
        tried = []
        for mutant in chosen:
            path.write_text(mutant.text, encoding="utf-8")
            tried.append(Tried(mutant, *first_failure(slug, path, SEEDS)))
    return tried


def complaints(every: list[Mutant], tried: list[Tried], reasons: Reasons) -> list[str]:
    """What is wrong: survivors that are not listed, and listed mutants that are rejected or do not exist."""
    found = []
    for (function, text), passed, by in ((one.mutant.key, one.passed, one.by) for one in tried):
        if not by and (function, text) not in reasons:
            found.append(f"{function}: `{text}` passes; mend a check or list it")
        elif by and (function, text) in reasons:
            found.append(f"{function}: `{text}` is listed as equivalent; {by} rejects it in run {passed + 1}")
    existing = {mutant.key for mutant in every}
    for function, text in reasons.keys() - existing:
        found.append(f"{function}: `{text}` is listed as equivalent and does not exist; delete it")
    return found


def sources(solutions: Path, slug: str) -> dict[str, str]:
    """SHA-256 of what an outcome depends on: checks, solution, list of equivalents, how it is mutated."""
    checks = proof.sources(exercise(slug), solutions)
    hashes = {name: value for name, value in checks.items() if name.startswith("dropgrade/")}
    listed, here = solutions / slug / "equivalent.toml", Path(__file__).parent
    others = {
        f"solutions/{slug}/lesson.py: code": repr(code_cells(lesson(solutions, slug))).encode(),
        f"solutions/{slug}/equivalent.toml": listed.read_bytes() if listed.exists() else b"",
        "dropgrade/checks/mutating.py": (here / "mutating.py").read_bytes(),
        "dropgrade/checks/first_failure.py": (here / "first_failure.py").read_bytes(),
    }
    hashes |= {name: hashlib.sha256(content).hexdigest() for name, content in others.items()}
    return dict(sorted(hashes.items()))


def describe(slug: str, tried: list[Tried], reasons: Reasons, hashes: dict[str, str]) -> dict[str, Any]:
    """The outcome for one exercise, as it is kept; `hashes` are those from before the trial."""
    rejected = [one for one in tried if one.by]
    return {
        "slug": slug,
        "mutants": len(tried),
        "rejected": len(rejected),
        "in_first_run": sum(one.passed == 0 for one in rejected),
        "by": dict(sorted(Counter(one.by for one in rejected).items())),
        "equivalent": [
            {"function": function, "mutant": text, "reason": reason}
            for (function, text), reason in sorted(reasons.items())
        ],
        "sources": hashes,
    }


def stale(written: Path, solutions: Path) -> dict[str, list[str]]:
    """The exercises in a folder of outcomes that have changed since, each with the names of what changed."""
    changed = {}
    for part in proof.read(written):
        before, now = part["sources"], sources(solutions, part["slug"])
        changed[part["slug"]] = sorted(n for n in before.keys() | now.keys() if before.get(n) != now.get(n))
    return {slug: names for slug, names in changed.items() if names}


def run(solutions: Path, slug: str, sample: int | None = None, write: Path | None = None) -> int:
    """Try one exercise and tell; returns the number of complaints, and keeps the outcome if there is none.

    Args:
        sample: try only so many of the mutants that are not listed, drawn with seed 0.
    """
    hashes, reasons = sources(solutions, slug), equivalents(solutions, slug)
    reference = solution(solutions, slug)
    chosen = every = mutants(reference)
    if sample:
        unlisted = [mutant for mutant in every if mutant.key not in reasons]
        chosen = random.Random(0).sample(unlisted, min(sample, len(unlisted)))
    tried = try_all(slug, reference, chosen)
    found = complaints(every, tried, reasons)
    for line in found:
        print(f"{slug}, {line}")
    rejected = sum(bool(one.by) for one in tried)
    print(f"{slug}: {len(tried)} mutants, {rejected} rejected, {len(found)} to mend", flush=True)
    if write and not found:
        proof.write(write, describe(slug, tried, reasons, hashes))
    return len(found)


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns 1 if a mutant behaves otherwise than listed or an outcome is stale."""
    parser = argparse.ArgumentParser(prog="python -m dropgrade.checks.mutants")
    parser.add_argument("solutions", type=Path, help="the folder with SLUG/lesson.py")
    parser.add_argument("slugs", nargs="*", help="what to try (default: what has changed in FOLDER)")
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="keep the outcomes there")
    parser.add_argument("--check", type=Path, metavar="FOLDER", help="only say what has changed")
    parser.add_argument("--sample", type=int, metavar="N", help="try only N mutants of each")
    options = parser.parse_args(arguments)
    if options.sample and options.write:
        parser.error("a sample is not kept; leave out --sample or --write")
    folder = options.check or options.write
    if not folder and not options.slugs:
        parser.error("name an exercise, or a folder of outcomes with --write")
    changed = {} if options.slugs else stale(folder, options.solutions)
    if options.check:
        for slug, names in changed.items():
            print(f"{slug} has changed since {folder} was written: {', '.join(names[:5])}")
        return 1 if changed else 0
    to_mend = sum(run(options.solutions, s, options.sample, options.write) for s in options.slugs or changed)
    return 1 if to_mend else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CourseError as problem:
        sys.exit(str(problem))
