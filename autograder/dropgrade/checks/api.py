"""What the world asks of the checks: which exercises there are, one check, one verdict, one run."""

import contextlib
import importlib
import math
import pkgutil
import secrets
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from dropgrade import checks
from dropgrade.checks.calling import Called, TimeUp, listening, shorten, time_limit
from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.checks.verdicts import Check, CheckFailed, Exercise, Failed, Verdict
from dropgrade.errors import CourseError, UnusableAnswer

_loading = False
_hung: list[Callable[..., Any]] = []

SECOND_LIMIT = 0.5
"""The same for a function that did not end in an earlier cell: a dozen cells should not cost a minute."""


def slugs() -> tuple[str, ...]:
    """The slugs of all exercises in the order of the book: a module ``exNN_name.py`` beside this one each."""
    names = (module.name for module in pkgutil.iter_modules(checks.__path__))
    return tuple(sorted(name[2:] for name in names if name[:2] == "ex" and name[2:4].isdigit()))


def exercises() -> tuple[Exercise, ...]:
    """All exercises in the order of the book."""
    return tuple(exercise(slug) for slug in slugs())


def exercise(slug: str) -> Exercise:
    """The exercise called `slug`, whose module is loaded on first use.

    Raises:
        CourseError: there is none of that name; the message names the known ones.
    """
    if slug not in slugs():
        raise CourseError(f"no exercise is called {slug!r}; there are {', '.join(slugs())}")
    return importlib.import_module(f"{checks.__name__}.ex{slug}").EXERCISE


def check(name: str, *functions: Callable[..., Any]) -> None:
    """Judge functions from a notebook: print one line if they pass, else raise `CheckFailed`.

    Args:
        name: exercise and check, such as "01_mask.rate_matches_p".
        functions: the learner's functions that the check uses, in the order of `Exercise.handed`.
    """
    if _loading:
        return
    slug, _, check_id = name.partition(".")
    task = exercise(slug)
    found = next((c for c in task.checks if c.id == check_id), None)
    if found is None:
        known = ", ".join(c.id for c in task.checks)
        raise CourseError(f"no check of {slug} is called {check_id!r}; there are {known}")
    names = task.handed(found)
    required = [name for name in names if name in task.functions]
    if not len(required) <= len(functions) <= len(names):
        raise CourseError(f"check({name!r}, ...) needs {', '.join(required)}, got {len(functions)} functions")
    theirs = functions[: len(required)]
    hung_before = any(one is other for one in theirs for other in _hung)
    limit = SECOND_LIMIT if hung_before else math.inf
    verdict = judge(task, found, dict(zip(names, functions, strict=False)), limit=limit)
    if verdict.diagnosis == "never_ends" and not hung_before:
        _hung.extend(theirs)
    if not verdict.passed:
        raise CheckFailed(verdict.message)
    print(f"{check_id}: {verdict.message}")


def judge(
    task: Exercise,
    found: Check,
    functions: Mapping[str, Callable[..., Any]],
    seed: int | None = None,
    limit: float = math.inf,
) -> Verdict:
    """Run one check; whatever the functions do, a `Verdict` comes back.

    Args:
        seed: where the check's inputs come from; fresh entropy of the operating system if None.
        limit: seconds before an endless loop is interrupted (where the platform can); the check's own limit
            if that is less.
    """
    limit = min(limit, found.seconds)
    entropy = secrets.randbits(128) if seed is None else seed % 2**128
    rng = np.random.default_rng([entropy, zlib.crc32(f"{task.slug}.{found.id}".encode())])
    called = {name: Called(name, function) for name, function in functions.items()}
    try:
        with listening(), time_limit(limit):
            return Verdict(True, found.run(called, rng))
    except Failed as failure:
        message, diagnosis = failure.message, failure.diagnosis
    except TimeUp as up:
        name, line = up.args or (task.functions[0], None)
        where = f"; it was in line {line}" if line else ""
        message, diagnosis = f"{name} did not end within {limit:g} s{where}.", "never_ends"
    except BaseException as error:  # a returned object that fights back when it is looked at
        told = f"{type(error).__name__}: {shorten(error)}"
        message = f"What {task.functions[0]} returned could not be judged ({told})."
        diagnosis = "wrong_return"
    return Verdict(False, f"{message} {_advice(task, diagnosis)}", diagnosis)


def run(
    slug: str,
    namespace: Mapping[str, Any],
    seed: int | None = None,
    limit: float = math.inf,
    before: Callable[[str], None] = lambda check_id: None,
) -> dict[str, Any]:
    """Judge everything an answer defines and return the documented JSON object.

    After a check that never ends the remaining ones are not tried, since each would take its full limit.

    Args:
        namespace: the names the answer defines, such as the globals of its module.
        before: called with a check's id before it starts.

    Raises:
        UnusableAnswer: a required function is missing; the message names it and what was found instead.
    """
    task = exercise(slug)
    functions = functions_in(task, namespace)
    start = time.perf_counter()
    verdicts: list[Verdict] = []
    hung: Verdict | None = None
    for one in task.checks:
        before(one.id)
        verdict = hung or judge(task, one, functions, seed, limit)
        verdicts.append(verdict)
        if hung is None and verdict.diagnosis == "never_ends":
            hung = Verdict(False, "Not tried, because an earlier check never ended.", "never_ends")
    return {
        "exercise": slug,
        "score": sum(c.points for c, v in zip(task.checks, verdicts, strict=True) if v.passed),
        "max_score": task.max_score,
        "passed": all(v.passed for v in verdicts),
        "seconds": round(time.perf_counter() - start, 3),
        "checks": [
            {
                "id": c.id,
                "passed": v.passed,
                "points": c.points,
                "message": v.message,
                "diagnosis": v.diagnosis,
            }
            for c, v in zip(task.checks, verdicts, strict=True)
        ],
    }


def functions_in(task: Exercise, namespace: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """The exercise's functions out of `namespace`; `UnusableAnswer` if a required one is missing."""
    missing = [name for name in task.functions if not callable(namespace.get(name))]
    if missing:
        others = [
            k
            for k, v in namespace.items()
            if callable(v) and not k.startswith("_") and not isinstance(v, type) and k != "display"
        ]
        seen = f"found {', '.join(others[:5])}" if others else "no function was found"
        *first, last = missing
        needed = f"functions called {', '.join(first)} and {last}" if first else f"a function called {last}"
        raise UnusableAnswer(f"{task.slug} needs {needed}; {seen}")
    wanted = task.functions + task.optional
    return {name: namespace[name] for name in wanted if callable(namespace.get(name))}


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """While an answer file is loaded its own calls of `check` do nothing: the file is judged afterwards."""
    global _loading
    _loading = True
    try:
        yield
    finally:
        _loading = False


def _advice(task: Exercise, diagnosis: str | None) -> str:
    """What the failure looks like and where to read about it."""
    if diagnosis is None:
        return f"Read book/{task.slug}.html."
    known = MISCONCEPTIONS[diagnosis]
    return f"{known.sentence} Read “{known.name}”: {known.page}."
