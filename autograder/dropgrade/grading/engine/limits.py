"""Time limits of one notebook: what the instructor configured, and on top of it what its checks may take.

Two steps end whatever hangs. The soft one interrupts: an alarm in the learner's process for a cell, the
check's own `seconds` for a test, so that the rest is still judged. The hard one ends the process, and comes
later in any case. A right answer needs a tenth of a check's seconds, so a machine that is ten times slower
than the author's costs nobody a point.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dropgrade.checks import Check, exercise
from dropgrade.errors import CourseError
from dropgrade.grading.engine.jobs import TEST, Job
from dropgrade.grading.engine.parsing import parse
from dropgrade.grading.engine.warm import Settings


@dataclass(frozen=True)
class Allowed:
    """Seconds that a notebook may take.

    Attributes:
        cell: for a learner's cell, soft: no less than for the slowest check of the exercise.
        total: for the whole submission; afterwards its own cells get a moment each, and tests get `cell`.
        configured: hard limit of a test cell beyond what its checks may take.
    """

    cell: float
    total: float
    configured: float

    def test(self, source: str) -> float:
        """Hard limit for a test cell: the configured one, counted from when its checks must have ended."""
        return self.configured + sum(check.seconds for check in checks_in(source))


def allowed(job: Job, settings: Settings) -> Allowed:
    """What the settings and the checks of a job's test cells come to."""
    tests = [cell.source for cell in job.cells if cell.kind == TEST]
    seconds = [check.seconds for source in tests for check in checks_in(source)]
    return Allowed(max([settings.cell, *seconds]), settings.total + sum(seconds), settings.test)


@lru_cache(maxsize=1024)
def checks_in(source: str) -> tuple[Check, ...]:
    """The checks that a cell of the course calls by name, as ``check("SLUG.id", ...)``."""
    return tuple(_checks(source))


def _checks(source: str) -> Iterator[Check]:
    try:
        calls = [node for node in ast.walk(parse(source)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError):
        return
    for call in calls:
        named = call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value
        if not isinstance(named, str) or getattr(call.func, "id", getattr(call.func, "attr", "")) != "check":
            continue
        slug, _, wanted = named.partition(".")
        try:
            yield from (one for one in exercise(slug).checks if one.id == wanted)
        except CourseError:  # a check of an instructor's own course, judged within the configured limits
            continue
