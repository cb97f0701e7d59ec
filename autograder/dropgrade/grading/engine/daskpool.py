"""Running jobs on the workers of an existing Dask cluster; Dask is an extra, not a dependency.

A worker needs this package in the same version, and a sandbox of its own. Text goes out and text comes back;
the gradebook stays here. A worker that dies costs a retry of what it had in hand. A cluster that stays
without workers ends the run; what was graded is kept, and the next run goes on from there.
"""

import contextlib
import threading
import time
from concurrent.futures import Future, InvalidStateError
from dataclasses import replace
from typing import Any

from dropgrade.errors import CourseError
from dropgrade.grading.engine.execute import farm_for
from dropgrade.grading.engine.jobs import Job, Result, fingerprint
from dropgrade.grading.engine.layers import SandboxError
from dropgrade.grading.engine.warm import Settings

RETRIES = 3
CONNECT_SECONDS = 15
LOOK_EVERY, PATIENCE = 5.0, 60.0
"""Seconds between two looks at the cluster, and how long it may be without workers."""


class DaskPool:
    """Runs jobs on the workers of a Dask scheduler; use it in a with statement.

    Args:
        settings: how; each job's own family replaces the one in them.
        address: of the scheduler, such as "tcp://10.0.0.1:8786".
        patience: seconds that the cluster may be without a worker before the run is given up.

    Raises:
        CourseError: Dask is not installed, or nobody answers at the address, or there is no worker.
    """

    def __init__(self, settings: Settings, address: str, patience: float = PATIENCE) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise CourseError("Dask is not installed; pip install 'dropgrade[cluster]'") from error
        self.settings, self.address, self.patience = settings, address, patience
        try:
            self.client: Any = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise CourseError(f"no Dask scheduler answers at {address} ({error})") from error
        self.width = sum(self.client.nthreads().values())
        if not self.width:
            self.client.close()
            raise CourseError(f"the Dask scheduler at {address} has no workers")
        self._pending: set[Future[Result]] = set()
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._look, name="cluster", daemon=True)

    def __enter__(self) -> "DaskPool":
        self._watch.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._closing.set()
        self.client.close()

    def submit(self, job: Job) -> "Future[Result]":
        """Send a job to a worker."""
        settings = replace(self.settings, family=job.family)
        future: Future[Result] = Future()
        future.set_running_or_notify_cancel()
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        sent = self.client.submit(run_text, job.dumps(), settings, fingerprint(), pure=False, retries=RETRIES)
        sent.add_done_callback(lambda done: _settle(done, future))
        return future

    def _look(self) -> None:
        """See to it that nobody waits for ever for a cluster that is gone."""
        seen = time.monotonic()
        while not self._closing.wait(min(LOOK_EVERY, self.patience / 2)):
            with contextlib.suppress(Exception):  # a scheduler that does not answer has no workers either
                if self.client.nthreads():
                    seen = time.monotonic()
            if time.monotonic() - seen > self.patience:
                lost = CourseError(
                    f"the Dask cluster at {self.address} has had no worker for {self.patience:.0f} s; "
                    "start workers and run `dropgrade grade` again, which goes on from here"
                )
                for future in list(self._pending):
                    _put(future, error=lost)
                return


def run_text(text: str, settings: Settings, expected: str) -> str:
    """What a worker does: run a job given as text in a farm that it keeps; returns the result as text.

    Raises:
        CourseError: the worker has other checks or another engine than the one that asks.
    """
    if fingerprint() != expected:
        raise CourseError("a Dask worker has another version of dropgrade; install the same one there")
    return farm_for(settings).run(Job.loads(text)).dumps()


def _settle(done: Any, future: "Future[Result]") -> None:
    """Hand over what came of a task."""
    try:
        _put(future, Result.loads(done.result()))
    except (CourseError, SandboxError) as error:
        _put(future, error=error)
    except Exception as error:  # whatever else a cluster can do to a task
        _put(future, error=CourseError(f"the Dask cluster could not run a notebook: {error}"))


def _put(future: "Future[Result]", result: Result | None = None, error: Exception | None = None) -> None:
    """Settle a future, unless that has happened already."""
    with contextlib.suppress(InvalidStateError):
        if error is not None:
            future.set_exception(error)
        elif result is not None:
            future.set_result(result)
