"""Thousands of damaged notebooks through the engine: none may stop a run, each gets a score or a reason.

``python -m dropgrade.grading.engine.trial.fuzz --write book/results/fuzz.json`` grades 3,000 of them.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from dropgrade.grading.course import Course
from dropgrade.grading.engine.measure.school import copy_course
from dropgrade.grading.engine.trial.honest import submissions
from dropgrade.grading.engine.trial.mutate import Notebook, mutated

COUNT = 3000
SLUGS = ("01_mask", "02_forward", "03_backward")


def valid_notebooks(course: Course, repository: Path) -> list[tuple[str, Notebook]]:
    """What is damaged: right answers in the notebooks handed out, as pairs of slug and notebook."""
    found = []
    for slug in SLUGS:
        release = course.folder / "exercises" / slug / f"{slug}.ipynb"
        for one in submissions(repository, slug, 4):
            notebook = json.loads(release.read_text(encoding="utf-8"))
            for cell in notebook["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("solution"):
                    cell["source"] = one.text
            found.append((slug, notebook))
    return found


def make_course(folder: Path, repository: Path) -> Course:
    """A course of the exercises in `SLUGS`, built."""
    copy_course(repository, folder, SLUGS)
    course = Course(folder)
    list(course.build())
    return course


def hand_in(course: Course, repository: Path, seeds: range) -> int:
    """Hand in one damaged notebook a seed; returns how many."""
    valid = valid_notebooks(course, repository)
    for seed in seeds:
        slug, notebook = valid[seed % len(valid)]
        place = course.folder / "grading" / "submitted" / f"seed-{seed:05}" / slug
        place.mkdir(parents=True)
        (place / f"{slug}.ipynb").write_bytes(mutated(notebook, seed))
    return len(seeds)


def outcome(course: Course, count: int) -> dict[str, Any]:
    """What came of them after the course was graded.

    Returns:
        {"notebooks", "refused", "full_marks", "zeros", "nameless": who has no score, or a refusal without a
        reason, "reasons": how often each, the most frequent first}.
    """
    records = course.records()
    reasons = Counter(_kind(record.reason) for record in records if record.reason)
    gaps = [r.student for r in records if not 0 <= r.score <= r.max_score or (r.reason and r.score)]
    gaps += [f"{count - len(records)} without a row"] if len(records) != count else []
    return {
        "notebooks": count,
        "refused": sum(reasons.values()),
        "full_marks": sum(record.score == record.max_score for record in records),
        "zeros": sum(record.score == 0 for record in records),
        "gaps": gaps,
        "reasons": dict(reasons.most_common()),
    }


def _kind(reason: str) -> str:
    """A reason without what is particular to one submission."""
    return reason.partition(":")[0].partition(" (")[0].partition(", and no check")[0][:80]


def main() -> int:
    """Entry point; exit code 1 when somebody has neither a score nor a reason."""
    parser = argparse.ArgumentParser(prog="python -m dropgrade.grading.engine.trial.fuzz")
    parser.add_argument("--course", type=Path, default=Path("."), help="the repository (default: here)")
    parser.add_argument("--count", type=int, default=COUNT, help=f"damaged notebooks (default {COUNT})")
    parser.add_argument("--write", type=Path, help="write the outcome to this JSON file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        course = make_course(Path(folder) / "course", options.course)
        count = hand_in(course, options.course, range(options.count))
        for line in course.grade(SLUGS):
            print(line, flush=True)
        found = outcome(course, count)
    if options.write:
        options.write.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))
    return 1 if found["gaps"] else 0


if __name__ == "__main__":
    sys.exit(main())
