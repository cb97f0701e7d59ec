"""The words of judging: a `Check` states a fact, a `Verdict` says whether an answer honours it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Functions = dict[str, Callable[..., Any]]
"""The learner's functions by name, such as ``{"keep_mask": <function>}``."""


class Failed(Exception):
    """Raised inside a check to end it; carries the message and the misconception's id, or None."""

    def __init__(self, message: str, diagnosis: str | None = None):
        super().__init__(message)
        self.message = message
        self.diagnosis = diagnosis


class CheckFailed(AssertionError):
    """What a learner sees in a notebook when a check fails: the message, and nothing of our own code."""

    def _render_traceback_(self) -> list[str]:
        """IPython's hook: the lines to show instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check on one answer.

    Attributes:
        passed: whether the answer honours the fact.
        message: what was expected and what was found, in words, with rounded figures.
        diagnosis: id of the misconception that explains a failure, or None where none is recognised.
    """

    passed: bool
    message: str
    diagnosis: str | None = None


@dataclass(frozen=True)
class Check:
    """One fact about an answer, and how to judge it.

    Attributes:
        id: snake_case name of the fact.
        points: what it is worth.
        fact: one sentence a learner can read before writing code.
        run: ``run(functions, rng) -> str`` returns the success message or raises `Failed`; `rng` draws the
            inputs, so that a fresh one gives fresh inputs.
        false_alarm: upper bound on the chance that one run fails a right answer.
        catches: the smallest error it finds, and how surely.
        seconds: how long it may take before it ends as "never_ends"; a right answer needs a tenth of that.
        uses: names of the functions it looks at, which its cell in the notebook hands over; empty for all.
    """

    id: str
    points: int
    fact: str
    run: Callable[[Functions, Any], str]
    false_alarm: float
    catches: str
    seconds: float = 3.0
    uses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """The functions a learner writes for one chapter, and the checks on them.

    Attributes:
        slug: name shared by chapter, notebook and solution, such as "01_mask".
        title: as the learner reads it.
        functions: names the answer must define.
        optional: names used where the answer defines them.
        checks: in the order a learner meets them.
    """

    slug: str
    title: str
    functions: tuple[str, ...]
    optional: tuple[str, ...]
    checks: tuple[Check, ...]

    def handed(self, check: Check) -> tuple[str, ...]:
        """The names of the functions that a check's cell hands over, in order."""
        return check.uses or self.functions + self.optional

    @property
    def max_score(self) -> int:
        """Points of all checks together."""
        return sum(check.points for check in self.checks)

    @property
    def false_alarm(self) -> float:
        """Upper bound on the chance that a right answer fails any check (the sum over the checks)."""
        return sum(check.false_alarm for check in self.checks)

    @property
    def seconds(self) -> float:
        """How long an answer may take in all: 10 s, or twice its slowest check if that is longer."""
        return max(10.0, *(2 * check.seconds for check in self.checks))


class Checklist:
    """Collects an exercise's checks: a function's name is the id, its docstring's first line the fact."""

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def add(
        self,
        points: int,
        false_alarm: float = 0.0,
        catches: str = "any such case, each time",
        seconds: float = 3.0,
        uses: tuple[str, ...] = (),
    ):
        """Decorate ``run(functions, rng)``; see `Check` for the meaning of the arguments."""

        def register(run: Callable[[Functions, Any], str]) -> Callable[[Functions, Any], str]:
            fact = (run.__doc__ or "").strip().splitlines()[0]
            one = Check(run.__name__, points, fact, run, false_alarm, catches, seconds, uses)
            self.checks.append(one)
            return run

        return register
