"""Show that a gradebook in PostgreSQL says what one in a file says: one class, both ways, row by row.

    python book/experiments/grading/postgres.py                             a class of 40, about a minute
    python book/experiments/grading/postgres.py --size 8 --out _build/bench

A server of its own is started for it and listens to no network. Exit code 1: rows differ. 2: there is no
PostgreSQL on this machine, or no driver; the line says how to get it.
"""

import argparse
import re
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

from _record import ROOT, keep

from dropgrade.grading.engine.measure import commands, postgres, school
from dropgrade.grading.engine.measure.rows import differences, rows
from dropgrade.results import Value

SLUG = "03_backward"


def main(arguments: list[str] | None = None) -> int:
    """Grade twice, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=40, help="learners in the class")
    parser.add_argument("--out", type=Path, help="folder for the result; default book/results")
    options = parser.parse_args(arguments)
    if postgres.missing():
        print(postgres.missing(), file=sys.stderr)
        return 2
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="postgres-") as name, postgres.server() as address:
        usual, graded = grade_class(Path(name) / "file", options.size)
        found, again = grade_class(Path(name) / "server", options.size, address)
        wrong = differences(usual, found)
    if wrong or not graded == again == options.size:
        print("\n".join([f"{graded} and {again} graded", *wrong[:20]]), file=sys.stderr)
        return 1
    values = {"size": Value(options.size), "rows": Value(len(found))}
    claim = (
        f"A class of {options.size} graded into PostgreSQL {postgres.version()} (driver psycopg "
        f"{metadata.version('psycopg')}) and into a file: {len(found)} rows each, and they are equal."
    )
    runs = [{"server": postgres.version(), "psycopg": metadata.version("psycopg")}]
    spent, parts = time.monotonic() - begin, ("commands", "postgres", "rows", "school")
    print(claim)
    print(keep("grading_postgres", "postgres.py", parts, values, claim, {}, runs, spent, options.out))
    return 0


def grade_class(course: Path, size: int, address: str = "") -> tuple[list, int]:
    """Build, hand in and grade as an instructor does; returns the rows, and how many were graded."""
    school.copy_course(ROOT, course, [SLUG])
    if address:
        postgres.use(course, address)
    commands.finish(commands.start(course, "build"))
    school.hand_in(course, SLUG, school.names(size))
    done = commands.grade(course)
    said = re.search(r"^(\d+) graded, 0 unchanged", done.stdout, re.MULTILINE)
    if done.returncode or not said:
        raise SystemExit(f"grading failed: {done.stdout[-500:]}{done.stderr[-2000:]}")
    return rows(address) if address else commands.gradebook(course), int(said[1])


if __name__ == "__main__":
    sys.exit(main())
