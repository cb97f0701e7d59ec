"""One check in the reader's browser: what ``dropgrade check`` does, in a worker instead of a child process.

The verdict is that of `dropgrade.checks.child` and its text that of `dropgrade.checks.runner`; here is what
differs. A worker has no alarm, so a clock of ours takes its place, and what the learner prints is shown.
"""

import contextlib
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dropgrade.checks import api, calling, child
from dropgrade.checks.runner import render
from dropgrade.errors import CourseError

MOST_PRINTED = 8_000
"""Characters of what the learner's code prints that are kept."""


class Printed(io.StringIO):
    """Takes everything and keeps the first `MOST_PRINTED` characters: a loop may print for ever."""

    def write(self, text: str) -> int:
        super().write(text[: max(0, MOST_PRINTED - self.tell())])
        return len(text)


def prepare() -> None:
    """Once, before the first check in a browser: a clock that works there, and where the library lies."""
    from dropgrade.inpage.clock import Clock, library_folders

    calling._NOT_THE_LEARNERS = library_folders()
    clock = Clock(calling._NOT_THE_LEARNERS)
    api.time_limit = child.time_limit = clock.limit


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
        seed: where the checks' inputs come from; fresh ones if None.
        say: called with ``timeout=`` (seconds) before any of the learner's code runs, then with ``at=``.

    Returns:
        ``report``: the JSON object of `dropgrade.checks.runner.check_file`; ``text``: the same as the command
        line prints it; ``printed``: what the learner's code wrote to stdout; ``seconds``: all of it.
    """
    start, printed = time.perf_counter(), Printed()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
        path = Path(folder, name)
        path.write_text(text, encoding="utf-8")
        try:
            limit = api.exercise(slug).seconds
            say(timeout=limit, at="while it was loaded")
            report = child.report_on(slug, path, seed, limit, say)
        except CourseError as error:
            report = {"exercise": slug, "error": str(error)}
    return {
        "report": report,
        "text": render(report),
        "printed": printed.getvalue(),
        "seconds": round(time.perf_counter() - start, 3),
    }
