"""Running many jobs at once, on this machine or wherever a caller hands out shards.

`LocalPool` keeps one farm a family and as many pairs of processes as there are cores. It never runs the same
job twice at the same time, keeps no more results than are waited for, and stops at once when it is closed.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import replace
from threading import Lock
from typing import Any, Protocol, TypeVar

from dropgrade.grading.engine.farm import Farm
from dropgrade.grading.engine.jobs import Job, Result
from dropgrade.grading.engine.warm import Settings

Tag = TypeVar("Tag")


class Pool(Protocol):
    """Runs jobs, inside a with statement.

    Attributes:
        width: how many jobs run at once.
    """

    width: int

    def submit(self, job: Job) -> "Future[Result]":
        """Start a job; the future holds its result."""

    def __enter__(self) -> "Pool":
        """Whatever must be there before jobs can run."""

    def __exit__(self, *exception: Any) -> None:
        """End everything that runs."""


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalPool:
    """Runs jobs on this machine's cores; use it in a with statement.

    Args:
        settings: how; each job's own family replaces the one in them.
        width: how many jobs run at once.
    """

    def __init__(self, settings: Settings, width: int | None = None) -> None:
        self.settings = settings
        self.width = width or cores()
        self._farms: dict[str, Farm] = {}
        self._lock = Lock()
        self._threads = ThreadPoolExecutor(self.width, thread_name_prefix="grade")
        self._closing = ExitStack()

    def __enter__(self) -> "LocalPool":
        return self

    def __exit__(self, *exception: Any) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._closing.close()
        self._threads.shutdown(wait=True)

    def warm(self, family: str) -> None:
        """Start the farm of a family now, so that a missing sandbox is found before anything else happens."""
        self._farm(family)

    def submit(self, job: Job) -> "Future[Result]":
        """Start a job as soon as a core is free."""
        return self._threads.submit(lambda: self._farm(job.family).run(job))

    def _farm(self, family: str) -> Farm:
        with self._lock:
            if family not in self._farms:
                farm = Farm(replace(self.settings, family=family))
                self._farms[family] = self._closing.enter_context(farm)
            return self._farms[family]


def results(pool: Pool, jobs: Iterable[tuple[Tag, Job]]) -> Iterator[tuple[Tag, Result]]:
    """Run jobs, each distinct one once, and yield their results as they come.

    Args:
        pool: where they run.
        jobs: pairs of anything and a job; read only as fast as there is room, so it may be endless.
    """
    running: dict[Future[Result], list[Tag]] = {}
    by_key: dict[str, Future[Result]] = {}
    for tag, job in jobs:
        key = job.key
        if key in by_key:
            running[by_key[key]].append(tag)
            continue
        by_key[key] = future = pool.submit(job)
        running[future] = [tag]
        while len(running) >= 2 * pool.width:
            yield from _finished(running, by_key)
    while running:
        yield from _finished(running, by_key)


def _finished(running: dict[Future, list[Tag]], by_key: dict[str, Future]) -> Iterator[tuple[Tag, Result]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        result = future.result()
        by_key.pop(result.key, None)
        for tag in running.pop(future):
            yield tag, result
