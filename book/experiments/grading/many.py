"""Measure the memory of one long run: 2,000 submissions, the whole tree of processes, nothing lost.

    python book/experiments/grading/many.py                              about 5 minutes
    python book/experiments/grading/many.py --size 60 --out _build/bench

Memory is what all processes have together, pages that several share counted once (PSS of the kernel). Equal
answers must have equal rows. Exit code 1: a submission was lost, or graded otherwise than its equals.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from _record import ROOT, keep, line

from dropgrade.grading.course import Course
from dropgrade.grading.engine.measure import many, school
from dropgrade.results import Value

SLUG, LIMIT = "03_backward", 1.5e9


def main(arguments: list[str] | None = None) -> int:
    """Grade, watch, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=2000, help="learners in the class")
    parser.add_argument("--out", type=Path, help="folder for the result; default book/results")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="many-") as place:
        course = Path(place) / "course"
        school.copy_course(ROOT, course, [SLUG])
        list(Course(course).build())
        school.hand_in(course, SLUG, school.names(options.size))
        begin = time.monotonic()
        samples, done = many.watched(course)
        seconds = time.monotonic() - begin
        lost = many.lost(course, SLUG, school.names(options.size))
    if done.returncode or lost:
        print("\n".join([done.stdout[-500:], done.stderr[-500:], *lost[:10]]), file=sys.stderr)
        return 1
    values, directions = figures(np.array(samples), seconds, options.size)
    claim = (
        f"{options.size} submissions in one run of {values['minutes'].quote('value')}: never more than "
        f"{values['peak_mb'].value:.0f} MB in all processes together, and nothing lost."
    )
    runs = [{"seconds": round(moment, 1), "bytes": int(size)} for moment, size in samples]
    line(claim=claim, directions=directions)
    parts = ("commands", "many", "school")
    print(keep("grading_many", "many.py", parts, values, claim, directions, runs, seconds, options.out))
    return 0


def figures(samples: np.ndarray, seconds: float, size: int) -> tuple[dict[str, Value], dict[str, bool]]:
    """Peak, and how the last quarter of the time compares with the second."""
    moments, memory = samples.T
    quarter = np.clip((4 * moments / moments[-1]).astype(int), 0, 3)
    early, late = (float(np.median(memory[quarter == part])) for part in (1, 3))
    values = {
        "size": Value(size),
        "minutes": Value(seconds / 60, unit="min", digits=1),
        "each_ms": Value(1000 * seconds / size, digits=0),
        "peak_mb": Value(float(memory.max()) / 1e6, digits=0),
        "second_quarter_mb": Value(early / 1e6, digits=0),
        "last_quarter_mb": Value(late / 1e6, digits=0),
    }
    directions = {
        "memory stays under 1.5 GB": bool(memory.max() < LIMIT),
        "memory stays flat": late < 1.1 * early,
    }
    return values, directions


if __name__ == "__main__":
    sys.exit(main())
