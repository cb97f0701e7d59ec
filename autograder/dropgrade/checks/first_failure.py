"""The first check that refuses an answer, found in a process of its own; nothing is judged after it.

`runner.check_file` tells a learner everything. A trial of hundreds of answers asks only whether one is
refused and by what, and asks the fast checks first.
"""

import contextlib
import io
import multiprocessing
from collections.abc import Sequence
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from dropgrade.checks.answers import load
from dropgrade.checks.api import exercise, functions_in, judge
from dropgrade.checks.calling import TimeUp, time_limit
from dropgrade.errors import UnusableAnswer

LOADING = "loading"
"""Stands for a check where an answer cannot be loaded, or lacks a function."""
LOAD_SECONDS = 10.0
PATIENCE = 120.0
"""Seconds without a word after which a process is ended; a check that is stuck in Python ends sooner."""
MEMORY = 16 * 2**30
"""Bytes of address space; torch alone maps several GB."""


def first_failure(slug: str, path: Path, seeds: Sequence[int]) -> tuple[int, str]:
    """Judge an answer under each seed in turn, until a check fails.

    Args:
        slug, path: exercise and answer file.
        seeds: where the inputs of the checks come from.

    Returns:
        How many runs it passed, and the id of the check that failed, or in which it crashed or hung;
        `LOADING` if it could not be loaded, "" if it passed all runs.
    """
    reading, writing = _context().Pipe(duplex=False)
    process = _context().Process(target=_judge, args=(slug, path, seeds, writing))
    process.start()
    writing.close()
    last = (0, LOADING)
    with reading, contextlib.suppress(EOFError):
        while reading.poll(PATIENCE):
            last = reading.recv()
    process.kill()
    process.join()
    return last


def _judge(slug: str, path: Path, seeds: Sequence[int], pipe: Connection) -> None:
    """Say before each step what it is; the last word is the outcome, however the process ends."""
    import resource  # not on every platform, as little as the fork below

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    task = exercise(slug)
    fast_first = sorted(task.checks, key=lambda check: check.seconds)
    for passed, seed in enumerate(seeds):
        pipe.send((passed, LOADING))
        try:
            with contextlib.redirect_stdout(io.StringIO()), time_limit(LOAD_SECONDS):
                functions = functions_in(task, load(path).namespace)
        except (UnusableAnswer, TimeUp):
            return
        for check in fast_first:
            pipe.send((passed, check.id))
            with contextlib.redirect_stdout(io.StringIO()):
                if not judge(task, check, functions, seed).passed:
                    return
    pipe.send((len(seeds), ""))


@cache
def _context() -> multiprocessing.context.ForkServerContext:
    """Processes that are forked from one in which the slow imports are done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["dropgrade.checks.api", "torch"])  # what is missing is passed over
    return context
