"""A long run watched from outside: its memory, and whether every submission came through."""

import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import psutil

from dropgrade.grading.engine.measure import commands

EVERY = 1.0


def watched(course: Path, *arguments: str) -> tuple[list[tuple[float, int]], subprocess.CompletedProcess]:
    """Grade a course; returns pairs of seconds and bytes of its whole tree of processes, and how it ended."""
    begin = time.monotonic()
    process = commands.start(course, "grade", *arguments)
    samples = []
    while process.poll() is None:
        try:
            samples.append((time.monotonic() - begin, commands.memory(psutil.Process(process.pid))))
        except psutil.Error:
            break
        time.sleep(EVERY)
    return samples, commands.finish(process)


def lost(course: Path, slug: str, students: Sequence[str]) -> list[str]:
    """Students without graded notebook or rows, and those with other rows than others of the same answer."""
    of_student: dict[str, list] = defaultdict(list)
    for row in commands.gradebook(course):
        if row[0] in ("grade", "comment"):
            of_student[str(row[1])].append((row[0], *row[2:]))
    problems = [f"{student} has no rows" for student in students if not of_student[student]]
    graded = course / "grading" / "autograded"
    problems += [
        f"{student} has no graded notebook"
        for student in students
        if not (graded / student / slug / f"{slug}.ipynb").is_file()
    ]
    answers = [_answer(course, slug, student) for student in students]
    usual: dict[str, list] = {}
    for student, answer in zip(students, answers, strict=True):
        if of_student[student] != usual.setdefault(answer, of_student[student]):
            problems.append(f"{student} has other rows than the first with the same answer")
    return problems


def _answer(course: Path, slug: str, student: str) -> str:
    """The text of a submission without its author's name."""
    path = course / "grading" / "submitted" / student / slug / f"{slug}.ipynb"
    return path.read_text(encoding="utf-8").replace(student, "")
