"""One check in the reader's browser: what ``dropgrade check`` does, in a worker instead of a child process.

The verdict is that of `dropgrade.checks.child` and its text that of `dropgrade.checks.runner`; here is what
differs, and what the learner prints is shown.
"""

import contextlib
import functools
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from dropgrade.checks import answers, api, calling, child
from dropgrade.checks.runner import render
from dropgrade.checks.verdicts import Exercise
from dropgrade.errors import CourseError
from dropgrade.inpage import flags, keeping

MOST_PRINTED = 8_000
"""Characters of what the learner's code prints that are kept."""


class Printed(io.StringIO):
    """Takes everything and keeps the first `MOST_PRINTED` characters: a loop may print for ever."""

    def write(self, text: str) -> int:
        super().write(text[: max(0, MOST_PRINTED - self.tell())])
        return len(text)


kept = keeping.Kept()
"""The page's own; it is asked only after `prepare`."""
SLOWER = 3
"""How much more time a check gets than elsewhere: Python is about that much slower in a browser."""


def prepare() -> None:
    """Once, before the first check in a browser: put in what Python lacks there.

    A clock, the flags of floating-point arithmetic, patience, the places where the library lies, a memory of
    costly verdicts.
    """
    from dropgrade.inpage.clock import Clock, library_folders

    calling._NOT_THE_LEARNERS = library_folders()
    api.time_limit = child.time_limit = Clock(calling._NOT_THE_LEARNERS).limit
    api.exercise = child.exercise = functools.cache(patient)
    answers.compile = flags.compiled  # in that module the name now means ours
    api.judge = kept.judging(api.judge)


def patient(slug: str, exercise: Callable[[str], Exercise] = api.exercise) -> Exercise:
    """An exercise whose checks may take `SLOWER` times as long."""
    task = exercise(slug)
    return replace(task, checks=tuple(replace(one, seconds=SLOWER * one.seconds) for one in task.checks))


def check(
    slug: str,
    name: str,
    text: str,
    seed: int | None = None,
    say: Callable[..., None] = lambda **message: None,
) -> dict[str, Any]:
    """Judge an answer that the page holds as text.

    Args:
        name: of the file it would be, such as "your_code.py" or "04_coadaptation.ipynb".
        text: Python, or a notebook where the name says so.
        seed: where the checks' inputs come from; if None these are fresh, and costly verdicts may be kept.
        say: called with ``timeout=`` (seconds) before any of the learner's code runs, then with ``at=``.

    Returns:
        ``report``: the JSON object of `dropgrade.checks.runner.check_file`; ``text``: the same as the command
        line prints it; ``kept``: the checks that did not run again, as `dropgrade.inpage.keeping` explains;
        ``printed``: what the learner's code wrote to stdout; ``seconds``: all of it.
    """
    start, printed = time.perf_counter(), Printed()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        path = Path(folder, name)
        path.write_text(text, encoding="utf-8")
        kept.begin(path if seed is None else None)
        try:
            limit = api.exercise(slug).seconds
            say(timeout=limit, at="while it was loaded")
            report = child.report_on(slug, path, seed, limit, say)
        except CourseError as error:
            report = {"exercise": slug, "error": str(error)}
    return {
        "report": report,
        "kept": sorted(kept.used),
        "text": render(report),
        "printed": printed.getvalue(),
        "seconds": round(time.perf_counter() - start, 3),
    }
