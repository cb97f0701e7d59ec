"""Generated classes of any size, to measure and to test with: the course's own answers, none handed in twice.

Every learner answers in other words, so no result serves two of them. Answers are chosen whose score depends
neither on chance nor on files that only a plain run shows, so two ways of grading must agree on every row.
"""

import ast
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from dropgrade.checks import exercise
from dropgrade.errors import UnusableCourse

HEADER = re.compile(r"^# fails: (\w+)", re.MULTILINE)
BORROWED = "dropgrade.reference"
"""What an answer may import to be short here, and what the sandbox keeps from learners."""
BROKEN = (
    "",
    "def {name}(*arguments):\n    raise RuntimeError('unfinished')",
    "def {name}(x, p)\n    return x",
)
"""Left as it was; raising; not even Python. One submission in ten is one of these."""


def copy_course(origin: Path, target: Path, slugs: Sequence[str]) -> None:
    """A course folder of some exercises, not built yet."""
    for slug in slugs:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(origin / "solutions" / slug, target / "solutions" / slug, ignore=ignored)
    for name in ("_config.yml", "nbgrader_config.py"):
        shutil.copy(origin / name, target / name)


def hand_in(folder: Path, slug: str, students: Sequence[str]) -> None:
    """One submission for each student under grading/submitted/ of a course that was built.

    Args:
        folder: the course's folder.
        students: their names.

    Raises:
        UnusableCourse: the exercise was not built, or has no answer to choose.
    """
    release = folder / "exercises" / slug / f"{slug}.ipynb"
    if not release.is_file():
        raise UnusableCourse(f"{slug} is not built yet; run `dropgrade build {slug}`")
    answers = list(steady_answers(folder / "solutions" / slug / "answers", slug))
    if not answers:
        raise UnusableCourse(f"solutions/{slug}/answers holds no answer whose score is certain")
    text = release.read_text(encoding="utf-8")
    for number, student in enumerate(students):
        notebook = json.loads(text)
        broken = BROKEN[number // 10 % len(BROKEN)] if number % 10 == 9 else None
        answer = answers[number % len(answers)] if broken is None else broken
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution") and answer:
                cell["source"] = f"{answer.replace('{name}', cell['id'])}\n\n# {student}, in my own words"
        path = folder / "grading" / "submitted" / student / slug / f"{slug}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")
        day, minute = 1 + number % 28, number % 60
        (path.parent / "timestamp.txt").write_text(f"2026-03-{day:02} 18:{minute:02}:00 UTC\n", "utf-8")


def names(size: int) -> list[str]:
    """Names of a class.

    >>> names(2)
    ['student-0000', 'student-0001']
    """
    return [f"student-{number:04}" for number in range(size)]


def steady_answers(folder: Path, slug: str) -> Iterator[str]:
    """The right answers, and the wrong ones for checks that leave nothing to chance; none is borrowed."""
    certain = {check.id for check in exercise(slug).checks if not check.false_alarm}
    for path in sorted(folder.glob("*_*.py")):
        source = path.read_text(encoding="utf-8")
        named = HEADER.search(source)
        if BORROWED in source:
            continue
        if path.stem.startswith("right_") or (named and named[1] in certain):
            yield _without_hints(source)


def _without_hints(source: str) -> str:
    """An answer without the words that say what is wrong with it."""
    first = ast.parse(source).body[0]
    lines = source.splitlines()[first.end_lineno :]
    return "\n".join(line for line in lines if not line.startswith("# fails:")).strip()
