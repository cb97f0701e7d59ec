"""How a long run is doing: a bar that rewrites its line on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from typing import TextIO

WIDTH = 24
EVERY = 15.0


class Progress:
    """Counts what is done and says how long the rest will take.

    Args:
        total: how many there are.
        stream: where the bar goes; only if it is a terminal.
        clock: seconds, for tests.
    """

    def __init__(self, total: int, stream: TextIO | None = None, clock=time.monotonic) -> None:
        self.total, self.stream, self.clock = total, stream or sys.stderr, clock
        self.done = 0
        self.start = self.last = clock()

    def advance(self) -> Iterator[str]:
        """One more is done; yields a line when it is time for one and there is no terminal to draw on."""
        self.done += 1
        if self.stream.isatty():
            self.stream.write(f"\r\x1b[K{self.line(bar=True)}")
            self.stream.flush()
        elif self.clock() - self.last >= EVERY and self.done < self.total:
            self.last = self.clock()
            yield self.line(bar=False)

    def clear(self) -> None:
        """Take the bar away, so that a line can be printed in its place."""
        if self.stream.isatty():
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def line(self, bar: bool) -> str:
        """Done, total, rate and the time that is left."""
        spent = max(self.clock() - self.start, 1e-9)
        rate = self.done / spent
        left = (self.total - self.done) / rate if self.done else 0.0
        filled = round(WIDTH * self.done / max(self.total, 1))
        drawn = f"[{'#' * filled}{'.' * (WIDTH - filled)}] " if bar else ""
        return f"{drawn}{self.done} of {self.total}, {rate:.1f} a second, {duration(left)} left"


def duration(seconds: float) -> str:
    """A time for people.

    >>> duration(7.2), duration(135), duration(7260)
    ('7 s', '2 min 15 s', '2 h 1 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
