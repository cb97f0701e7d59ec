"""A time limit where no alarm can ring: in the browser, where Python has no signals and no second thread.

Python calls us at each jump backwards in the learner's code, hence once in each round of a loop, and when the
time is up the loop gets `TimeUp` at its own line, as it does on the command line. A loop inside NumPy, or one
that catches everything, is beyond us: the page then ends the whole worker.
"""

import contextlib
import sys
import time
from collections.abc import Iterator
from types import CodeType

from dropgrade.checks.calling import _NOT_THE_LEARNERS, TimeUp

NAME = "dropgrade's clock"


class Clock:
    """Watches code that is neither ours nor a library's; `sys.monitoring` needs Python 3.12 or later.

    Args:
        others: folders (or archives) whose code is left alone.
    """

    def __init__(self, others: tuple[str, ...]) -> None:
        self.others = others
        self.deadline = float("inf")
        self.tool = sys.monitoring.DEBUGGER_ID
        events = sys.monitoring.events
        sys.monitoring.use_tool_id(self.tool, NAME)
        sys.monitoring.register_callback(self.tool, events.PY_START, self._begin)
        sys.monitoring.register_callback(self.tool, events.JUMP, self._round)
        sys.monitoring.set_events(self.tool, events.PY_START)

    @contextlib.contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Raise `TimeUp` in the learner's loops inside after `seconds`, as `calling.time_limit` does."""
        before, self.deadline = self.deadline, min(self.deadline, time.monotonic() + seconds)
        try:
            yield
        finally:
            self.deadline = before

    def _begin(self, code: CodeType, _offset: int) -> object:
        """A piece of code runs for the first time: from now on watch its jumps, if it is the learner's."""
        if not code.co_filename.startswith((*self.others, "<")):
            sys.monitoring.set_local_events(self.tool, code, sys.monitoring.events.JUMP)
        return sys.monitoring.DISABLE

    def _round(self, code: CodeType, _offset: int, _target: int) -> None:
        if time.monotonic() > self.deadline:
            raise TimeUp


def library_folders() -> tuple[str, ...]:
    """Where code that is not the learner's lies; in the browser the standard library is an archive."""
    archives = tuple(path for path in sys.path if path.endswith(".zip"))
    return (*_NOT_THE_LEARNERS, *archives)
