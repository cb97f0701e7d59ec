"""Whatever an answer does, each check ends in a verdict with a sentence; nothing escapes or hangs."""

import contextlib
import signal
import threading
import time

import numpy as np
import pytest

from dropgrade.checks import check, exercise, judge, run
from dropgrade.checks.calling import TimeUp, time_limit
from dropgrade.checks.misconceptions import MISCONCEPTIONS
from dropgrade.checks.verdicts import CheckFailed

TASKS = [exercise(slug) for slug in ("01_mask", "02_forward", "03_backward")]


class Spiteful:
    """Raises at every touch."""

    def __getattribute__(self, name):
        if name == "__class__":
            return object.__getattribute__(self, name)
        raise RuntimeError("hands off")

    __len__ = __iter__ = __array__ = __bool__ = __str__ = __repr__ = __eq__ = lambda *_: 1 / 0
    __hash__ = None


class SilentError(Exception):
    """An exception that cannot be printed."""

    def __str__(self):
        raise ValueError("no words")


def raising(error):
    """A function that raises, whatever it is given."""

    def function(*arguments):
        raise error

    return function


def returning(value):
    """A function that returns the same thing, whatever it is given."""
    return lambda *arguments: value


def recursing(*arguments):
    """Calls itself for ever."""
    return recursing(*arguments)


def vandal(*arguments):
    """Overwrites every array it is given and returns it."""
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            argument[...] = 0
    return arguments[0]


def wrong_arity():
    """Takes nothing."""


HOSTILE = {
    "value error": raising(ValueError("no")),
    "keyboard interrupt": raising(KeyboardInterrupt()),
    "system exit": raising(SystemExit(0)),
    "generator exit": raising(GeneratorExit()),
    "unprintable error": raising(SilentError()),
    "lone surrogate": raising(RuntimeError("\ud800 \x1b[31m")),
    "not implemented": raising(NotImplementedError()),
    "endless recursion": recursing,
    "vandal": vandal,
    "wrong arity": wrong_arity,
    "none": returning(None),
    "string": returning("mask"),
    "spiteful object": returning(Spiteful()),
    "spiteful pair": returning((Spiteful(), Spiteful())),
    "object array": returning(np.array([None, "x"], dtype=object)),
    "object pair": returning((np.array([None, "x"], dtype=object), np.array([None]))),
    "ragged list": returning([[1], [1, 2]]),
    "string array": returning(np.array(["True"])),
    "complex array": returning(np.ones((6, 5)) * 1j),
    "nan array": returning(np.full((6, 5), np.nan)),
    "scalar": returning(np.float64(1)),
    "pair of none": returning((None, None)),
    "generator": lambda *arguments: (x for x in range(3)),
    "class": dict,
    "masked array": returning(np.ma.masked_all((6, 5))),
    "structured array": returning(np.zeros(3, dtype=[("a", "i4")])),
}


ARRAYS = {"vandal", "nan array", "masked array"}
"""These return arrays of the right shape in exercise 03, so that a few checks have nothing against them."""


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.slug)
@pytest.mark.parametrize("name", HOSTILE)
def test_every_check_ends_in_a_verdict(task, name, capsys):
    """Each verdict has a sentence and a known diagnosis or none; nonsense scores nothing; stderr is empty."""
    report = run(task.slug, {task.functions[0]: HOSTILE[name]}, seed=1)
    assert report["score"] <= (5 if name in ARRAYS else 0)
    for verdict in report["checks"]:
        assert verdict["message"].endswith(".") and verdict["message"].isprintable()
        assert len(verdict["message"]) < 600
        assert verdict["diagnosis"] is None or verdict["diagnosis"] in MISCONCEPTIONS
        verdict["message"].encode()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.slug)
def test_unanswered_stub_is_recognised_everywhere(task):
    """The empty function fails every check as not written yet."""
    report = run(task.slug, {task.functions[0]: HOSTILE["not implemented"]})
    assert {c["diagnosis"] for c in report["checks"]} == {"not_implemented"}
    assert all("is not written yet" in c["message"] for c in report["checks"])


def test_a_crash_names_error_and_line():
    """The message names the exception, its text and the line in the learner's code."""
    namespace = {}
    exec(compile("def keep_mask(shape, p, rng):\n    return unknown_name\n", "cell", "exec"), namespace)
    verdict = run("01_mask", namespace)["checks"][0]
    assert verdict["diagnosis"] == "crashes"
    assert "NameError in line 2 (name 'unknown_name' is not defined)" in verdict["message"]


def endless(*arguments):
    """Never comes back."""
    while True:
        pass


def stubborn(*arguments):
    """Never comes back and catches every Exception on the way."""
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.01)


@pytest.mark.parametrize("function", [endless, stubborn])
def test_an_endless_loop_ends_with_a_verdict(function):
    """The soft limit interrupts a loop, names the line, and the remaining checks are not tried."""
    start = time.monotonic()
    report = run("01_mask", {"keep_mask": function}, limit=0.2)
    assert time.monotonic() - start < 2
    assert {c["diagnosis"] for c in report["checks"]} == {"never_ends"}
    assert "keep_mask did not end within 0.2 s; it was in line" in report["checks"][0]["message"]
    assert "Not tried" in report["checks"][1]["message"]


def test_second_cell_waits_less(monkeypatch):
    """In a notebook a function that hung once is interrupted sooner the next time."""
    from dropgrade.checks import api

    monkeypatch.setattr(api, "SECOND_LIMIT", 0.1)
    monkeypatch.setattr(api, "_hung", [])
    for limit in ("3 s", "0.1 s"):
        with pytest.raises(CheckFailed, match=f"did not end within {limit}"):
            check("01_mask.quiet", endless)


def test_time_limit_restores_handler_and_timer():
    """An alarm that somebody else has set is still there afterwards."""
    heard = []
    before = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 30)
        with pytest.raises(TimeUp), time_limit(0.05):
            endless()
        assert 25 < signal.getitimer(signal.ITIMER_REAL)[0] <= 30
        assert signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_checks_run_in_other_threads():
    """Outside the main thread there is no alarm; the check runs without a limit."""
    task = exercise("01_mask")
    verdicts = []
    mask = {"keep_mask": lambda shape, p, rng: rng.random(shape) >= p}
    thread = threading.Thread(target=lambda: verdicts.append(judge(task, task.checks[1], mask)))
    thread.start()
    thread.join(20)
    assert verdicts[0].passed
