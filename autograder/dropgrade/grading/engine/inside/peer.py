"""The judge's line to the learner's process: one question, one answer, within a time.

The answer is a claim: its number must fit, its parts must decode to plain data, and it must come in time.
If not, the line is cut for good and every later question raises at once.
"""

import builtins
import signal
import sys
import time
import warnings
from typing import Any

import numpy as np

from .codec import Exchange
from .wire import Channel, Gone, ProtocolError

CALL_SECONDS = 5.0
"""Limit of a call outside of a check; inside one it is what is left of the check's time."""
GRACE_SECONDS = 1.0
AHEAD = 0.05
"""Seconds by which a call's limit comes before the alarm of the check that makes it."""
MAX_TEXT = 2000
UNDIVIDED = 1 << 16
"""Bytes that a socket takes in one go."""


_USUAL = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}


class SubmissionEnded(Exception):
    """The submission's process is gone, or broke the rules of the protocol."""

    learner_line = None


class Peer:
    """The learner's process, as the judge sees it.

    Args:
        channel: connection to `worker.serve`.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.number = 0
        self.ended: str | None = None
        self.waiting_until: float | None = None

    def ask(self, operation: str, exchange: Exchange, **details: Any) -> tuple[dict[str, Any], Exchange]:
        """Ask one question whose values were encoded with `exchange`; returns the answer and its exchange.

        The learner's exceptions are raised again here, as the nearest built-in type; the noise the
        learner made on stderr and in warnings is made again.

        Raises:
            SubmissionEnded: there is no answer, now and from now on.
            Exception: what the learner's code raised.
        """
        if self.ended:
            raise SubmissionEnded(self.ended)
        limit = signal.getitimer(signal.ITIMER_REAL)[0] or CALL_SECONDS
        request = {"op": operation, "id": self.number + 1, "limit": max(limit - AHEAD, 0.02)}
        request |= _surroundings() | details
        try:
            self._settle()
            self.number += 1
            self.waiting_until = time.monotonic() + limit + GRACE_SECONDS
            self._send(request, exchange.blobs, limit + GRACE_SECONDS)
            answer, blobs = self._receive()
        except Gone:
            self.end("The submission ended its Python process")
        except TimeoutError:
            self.end("The submission did not stop at the time limit")
        except ProtocolError as error:
            self.end(f"The submission broke the grader's protocol: {error}")
        except BaseException as alarm:  # the check's own time is up; no line of ours is the learner's
            alarm.learner_line = None  # type: ignore[attr-defined]
            raise
        self._repeat_noise(answer)
        if "late" in answer:
            self._ring(answer["late"])
        return answer, exchange.reply(blobs)

    def end(self, reason: str) -> None:
        """Cut the line for good."""
        self.ended = reason
        self.channel.close()
        raise SubmissionEnded(reason)

    def value(self, answer: dict[str, Any], exchange: Exchange) -> Any:
        """The value in an answer, or the learner's exception raised."""
        if "error" in answer:
            raise self._exception(answer["error"])
        try:
            return exchange.decode(answer.get("value"))
        except ProtocolError as error:
            self.end(f"The submission broke the grader's protocol: {error}")

    def _ring(self, line: Any) -> None:
        """A call reached its time limit: let the alarm that is set ring now, as it would beside the call."""
        if not signal.getitimer(signal.ITIMER_REAL)[0]:
            raise TimeoutError("the call did not end in time")
        signal.setitimer(signal.ITIMER_REAL, 1e-4, 0.2)
        try:
            time.sleep(1.0)
        except BaseException as up:
            up.learner_line = line if type(line) is int else None  # type: ignore[attr-defined]
            raise

    def _settle(self) -> None:
        """Let the answer to an interrupted question come in first: it must not be taken for the next one."""
        if self.waiting_until is not None:
            self._receive()

    def _receive(self) -> tuple[dict[str, Any], list[bytes]]:
        """The answer to the last question; an alarm may interrupt this, and `_settle` goes on later."""
        answer, blobs = self.channel.receive(timeout=max(0.01, self.waiting_until - time.monotonic()))
        if answer.get("id") != self.number or not self.channel.idle:
            raise ProtocolError("an answer came that nobody asked for")
        self.waiting_until = None
        return answer, blobs

    def _send(self, request: dict[str, Any], blobs: list[bytes], seconds: float) -> None:
        """Send a question whole: an alarm between two parts of a long one would spoil the line."""
        if sum(map(len, blobs)) < UNDIVIDED:
            self.channel.send(request, blobs, timeout=seconds)
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        try:
            self.channel.send(request, blobs, timeout=seconds)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _repeat_noise(self, answer: dict[str, Any]) -> None:
        heard = answer.get("warnings", [])
        for entry in heard[:20] if isinstance(heard, list) else []:
            if isinstance(entry, list) and len(entry) == 2:
                warnings.warn(_text(entry[1]), _builtin(entry[0], Warning, UserWarning), stacklevel=4)
        if answer.get("stderr"):
            sys.stderr.write(_text(answer["stderr"]))

    def _exception(self, report: Any) -> BaseException:
        """The learner's exception as the nearest built-in one; `learner_line` says where it came from."""
        report = report if isinstance(report, dict) else {}
        names = report.get("classes")
        kinds = (_builtin(name, Exception, None) for name in names) if isinstance(names, list) else ()
        kind = next((kind for kind in kinds if kind), RuntimeError)
        try:
            error = kind(_text(report.get("message", "")))
        except Exception:  # a few built-in ones, such as UnicodeError's children, want more than a text
            error = RuntimeError(_text(report.get("message", "")))
        line = report.get("line")
        error.learner_line = line if type(line) is int else None  # type: ignore[attr-defined]
        return error


def _surroundings() -> dict[str, Any]:
    """What the caller's warnings filter and error state mean for the code that is called."""
    errstate = np.geterr()
    details: dict[str, Any] = {} if errstate == _USUAL else {"errstate": errstate}
    first = warnings.filters[0] if warnings.filters else None
    if first and first[1] is None and first[2] is Warning and first[3] is None:
        details["filter"] = first[0]
    return details


def _builtin(name: Any, base: type, otherwise: Any) -> Any:
    """A built-in class by its name, if it is a kind of `base`."""
    kind = getattr(builtins, name, None) if type(name) is str else None
    return kind if isinstance(kind, type) and issubclass(kind, base) else otherwise


def _text(value: Any) -> str:
    """A short text that can be written anywhere."""
    return str(value)[:MAX_TEXT].encode("utf-8", "replace").decode()
