"""Calling a learner's function: whatever it does, the check goes on and can say what happened, and where."""

import contextlib
import io
import signal
import sysconfig
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dropgrade.checks import watching
from dropgrade.checks.verdicts import Failed

_NOT_THE_LEARNERS = tuple(
    {str(Path(__file__).resolve().parents[1]), *(sysconfig.get_path(name) for name in ("stdlib", "purelib"))}
)


class TimeUp(BaseException):
    """The soft time limit has passed; not an Exception, so that ``except Exception`` does not swallow it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeUp` in the code inside after `seconds`, and again every 0.2 s while it goes on.

    Needs SIGALRM and the main thread; elsewhere (Windows, the browser) it does nothing.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum, frame):
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            signal.setitimer(signal.ITIMER_REAL, left)


class Noise:
    """What the code inside `listening` wrote to stderr and which warnings it set off."""

    def __init__(self) -> None:
        self.stderr = io.StringIO()
        self.warnings: list[warnings.WarningMessage] = []

    def first(self) -> str:
        """The first thing heard, in one line; empty if all was quiet."""
        if self.warnings:
            entry = self.warnings[0]
            return f"{entry.category.__name__}: {shorten(entry.message)}"
        return shorten(self.stderr.getvalue())


@contextlib.contextmanager
def listening() -> Iterator[Noise]:
    """Catch stderr and warnings of the code inside: in nbgrader, stderr costs a cell all its points."""
    noise = Noise()
    with (
        contextlib.redirect_stderr(noise.stderr),
        warnings.catch_warnings(record=True) as heard,
        np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"),
    ):
        warnings.simplefilter("always")
        noise.warnings = heard
        yield noise


@contextlib.contextmanager
def global_state(rng: np.random.Generator) -> Iterator[list[str]]:
    """Give the global generators a state of ours, list those that the code inside moves, restore all."""
    touched: list[str] = []
    watch = watching.start(int(rng.integers(2**32)), int(rng.integers(2**32)))
    try:
        yield touched
        touched += watch.moved()
    finally:
        watch.restore()


class Called:
    """A learner's function that ends in a value or in `Failed`, never in any other exception."""

    def __init__(self, name: str, function: Callable[..., Any]):
        self.name = name
        self.function = function

    def __call__(self, *args: Any) -> Any:
        return self._guarded(lambda: self.function(*args), args)

    def many(self, calls: list[tuple[Any, ...]]) -> list[Any]:
        """What it returns for each of several argument lists, one after the other.

        A function that lives in another process offers ``__dropgrade_many__`` and is asked once for all.
        """
        together = getattr(self.function, "__dropgrade_many__", None)
        if together is None:
            return [self(*args) for args in calls]
        return self._guarded(lambda: together(calls), calls[0])

    def _guarded(self, call: Callable[[], Any], args: tuple[Any, ...]) -> Any:
        try:
            return call()
        except TimeUp as up:
            up.args = (self.name, line_of(up))
            raise
        except NotImplementedError:
            raise Failed(f"{self.name} is not written yet.", "not_implemented") from None
        except BaseException as error:
            raise Failed(f"{self.name} {describe(error, args)}", diagnose_crash(error, args)) from None

    def error(self, *args: Any) -> BaseException | None:
        """The exception that the call raises, or None."""
        try:
            self.function(*args)
        except TimeUp as up:
            up.args = (self.name, line_of(up))
            raise
        except NotImplementedError:
            raise Failed(f"{self.name} is not written yet.", "not_implemented") from None
        except BaseException as error:
            return error
        return None


def describe(error: BaseException, args: tuple[Any, ...]) -> str:
    """Say which exception a call raised, where, and for which arguments."""
    line = line_of(error)
    where = f" in line {line}" if line else ""
    shown = ", ".join(filter(None, map(show, args)))
    return f"raised {type(error).__name__}{where} ({shorten(error) or 'no message'}); it was given {shown}."


def diagnose_crash(error: BaseException, args: tuple[Any, ...]) -> str:
    """The misconception behind an exception on legal input; "crashes" unless something better is known."""
    edges = [arg for arg in args if isinstance(arg, float) and arg in (0.0, 1.0)]
    if edges and isinstance(error, ValueError):
        return "p_edges_rejected"
    if isinstance(error, ZeroDivisionError) and 1.0 in edges:
        return "p_one_divides_by_zero"
    if isinstance(error, ZeroDivisionError) and 0.0 in edges:
        return "scaled_by_drop_prob"
    if isinstance(error, TypeError | AttributeError) and any(arg is None for arg in args):
        return "none_not_handled"
    return "crashes"


def line_of(error: BaseException) -> int | None:
    """The last line of the learner's own code in the error's traceback.

    An error that comes from another process carries the line as ``learner_line``.
    """
    if hasattr(error, "learner_line"):
        return error.learner_line
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [f.lineno for f in frames if not f.filename.startswith(_NOT_THE_LEARNERS)]
    return theirs[-1] if theirs else None


def show(value: Any) -> str:
    """A short text for an argument: arrays by shape and dtype, generators not at all."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if isinstance(value, np.random.Generator):
        return ""
    return shorten(repr(value))


def shorten(thing: Any, length: int = 120) -> str:
    """One line of at most `length` printable characters, whatever `thing` is."""
    try:
        text = " ".join("".join(c if c.isprintable() else " " for c in str(thing)).split())
    except BaseException:
        text = f"a {type(thing).__name__} that cannot be printed"
    return text if len(text) <= length else text[: length - 1] + "…"
