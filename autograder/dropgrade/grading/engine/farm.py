"""The farm: two warm processes, one for learners and one for judges, and as many jailed pairs as wanted.

A farm may be used from several threads at once. A warm process that dies takes its children with it; the
next pair starts a new one and the notebooks that were under way are run again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dropgrade.grading.engine import outputs
from dropgrade.grading.engine.jobs import Job, Result
from dropgrade.grading.engine.layers import SandboxError
from dropgrade.grading.engine.selftest import examine
from dropgrade.grading.engine.session import Disturbed, Session
from dropgrade.grading.engine.warm import (
    Child,
    Settings,
    WarmProcess,
    WarmProcessLost,
    close_all,
    pair_of_sockets,
)

ATTEMPTS = 3
"""So often is a notebook tried whose processes are killed, which may be its own fault: out of memory, say."""
LOST = 10
"""So often while the warm processes are lost, which is not; nothing can be run on such a machine."""


class Farm:
    """Runs jobs of one family.

    Args:
        settings: family, limits, and whether there is a sandbox.

    Raises:
        SandboxError: the sandbox lacks a layer; nothing was run.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._warm: tuple[WarmProcess, WarmProcess] | None = None
        self._ensure()
        if settings.jailed:
            with self.pair() as (worker, _):
                examine(worker)

    def run(self, job: Job) -> Result:
        """Run one job; it is tried again when something outside ended its processes.

        Raises:
            SandboxError: a layer of the sandbox failed for this job, or the warm processes do not stay alive.
        """
        killed = lost = 0
        while killed < ATTEMPTS:
            try:
                with self.pair() as (worker, judge):
                    result = Session(worker, judge, self.settings).run(job)
            except Disturbed:
                # Where a warm process died, its notebooks died with it, and are innocent.
                if worker.lost or judge.lost:
                    lost += 1
                else:
                    killed += 1
            except WarmProcessLost:
                lost += 1
            else:
                if killed:
                    result.odd.append(f"Run {killed + 1} times: its processes were killed from outside.")
                return result
            if lost == LOST:
                raise SandboxError("warm start", f"the warm process ended {LOST} times")
        return _given_up(job)

    @contextmanager
    def pair(self) -> Iterator[tuple[Child, Child]]:
        """A fresh worker and a fresh judge, joined by a line; both are ended afterwards.

        Raises:
            WarmProcessLost: the warm processes cannot be kept alive.
        """
        host_worker, worker_host = pair_of_sockets()
        host_judge, judge_host = pair_of_sockets()
        worker_judge, judge_worker = pair_of_sockets()
        children: list[Child] = []
        try:
            for_learners, for_judges = self._ensure()
            try:
                children.append(for_learners.spawn(worker_host, worker_judge, ours=host_worker))
                children.append(for_judges.spawn(judge_host, judge_worker, ours=host_judge))
            except WarmProcessLost:
                self._discard((for_learners, for_judges))
                raise
            finally:
                close_all((worker_host, judge_host, worker_judge, judge_worker))
            yield children[0], children[1]
        finally:
            close_all((host_worker, host_judge))
            for child in children:
                child.kill()
                child.end()

    def close(self) -> None:
        """End the warm processes."""
        with self._lock:
            warm, self._warm = self._warm, None
        for process in warm or ():
            process.close()

    def __enter__(self) -> "Farm":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _ensure(self) -> tuple[WarmProcess, WarmProcess]:
        """The warm processes, started if there are none."""
        with self._lock:
            if self._warm is None:
                started = [WarmProcess(role, self.settings) for role in ("worker", "judge")]
                try:
                    for process in started:
                        process.wait_ready()
                except SandboxError:
                    for process in started:
                        process.close()
                    raise
                self._warm = (started[0], started[1])
            return self._warm

    def _discard(self, lost: tuple[WarmProcess, WarmProcess]) -> None:
        """Forget warm processes that died, unless another thread has replaced them already."""
        with self._lock:
            if self._warm is not lost and self._warm != lost:
                return
            self._warm = None
        for process in lost:
            process.close()


def _given_up(job: Job) -> Result:
    reason = f"Its processes were killed {ATTEMPTS} times, perhaps because the machine ran out of memory."
    failed = {"outputs": [outputs.failure("SubmissionEnded", reason)], "count": None}
    return Result(job.key, [failed for _ in job.cells], [reason], 0.0, reason)
