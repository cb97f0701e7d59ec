"""The process that runs a learner's file: it loads, judges, and reports on a pipe of its own.

Started by `runner`; each line on the pipe is a JSON object: ``{"at": ...}`` says what is going on, and
``{"report": ...}`` or ``{"error": ...}`` ends it. Standard output and stderr belong to the learner.
"""

import json
import os
from pathlib import Path
from typing import Any

from dropgrade.checks.answers import load
from dropgrade.checks.api import exercise, functions_in, run
from dropgrade.checks.calling import TimeUp, time_limit
from dropgrade.errors import CourseError, UnusableAnswer


def main(slug: str, path: str, seed: str, timeout: str, pipe: str) -> None:
    """Judge one file and leave at once, whatever threads the answer has started.

    Args:
        slug, path: exercise and answer.
        seed: a number, or empty for fresh inputs.
        timeout: seconds for loading, and upper bound for each check; the exercise's own if empty.
        pipe: file descriptor to report on.
    """
    descriptor = int(pipe)
    os.set_inheritable(descriptor, False)

    def say(**message: Any) -> None:
        os.write(descriptor, json.dumps(message).encode() + b"\n")

    try:
        limit = float(timeout or exercise(slug).seconds)
        say(timeout=limit, at="while it was loaded")  # the first word, before any of the learner's code runs
        say(report=report_on(slug, Path(path), int(seed) if seed else None, limit, say))
    except CourseError as error:
        say(error=str(error))
    os._exit(0)


def report_on(slug: str, path: Path, seed: int | None, timeout: float, say) -> dict[str, Any]:
    """The JSON object for a file; `CourseError` if there is none, also for a check that never ends."""
    task = exercise(slug)
    try:
        with time_limit(timeout):
            answer = load(path)
    except TimeUp as up:
        place, line = up.args or (path.name, None)
        where = f" (it was in line {line})" if line else ""
        raise UnusableAnswer(f"{place} did not finish loading within {timeout:g} s{where}") from None
    try:
        functions_in(task, answer.namespace)
    except UnusableAnswer as error:
        first = f"; {answer.problems[0]}" if answer.problems else ""
        raise UnusableAnswer(f"{path.name}: {error}{first}") from None
    report = run(
        slug,
        answer.namespace,
        seed,
        limit=timeout,
        before=lambda check_id: say(at=f"in check {check_id}"),
    )
    for verdict in report["checks"]:
        if verdict["diagnosis"] == "never_ends":
            raise UnusableAnswer(f"{path.name}, check {verdict['id']}: {verdict['message']}")
    return report
