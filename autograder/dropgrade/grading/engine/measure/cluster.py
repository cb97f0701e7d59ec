"""A Dask cluster of one's own on this machine, whose workers can be killed."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from dropgrade.grading.engine.measure.commands import executed, finish, start, wait_for


class Cluster:
    """A scheduler and workers, each a process of its own, as a cluster has them; use it in a with statement.

    Args:
        folder: for their files.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.log = (folder / "cluster.log").open("wb")
        self.processes: list[subprocess.Popen] = []
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(self.file))
        wait_for(self.file.exists)
        from distributed import Client

        self.client = Client(scheduler_file=str(self.file), set_as_default=False)
        self.address = self.client.scheduler.address

    def workers(self, count: int) -> list[subprocess.Popen]:
        """Start some workers that run one notebook at a time, and wait until they are there."""
        options = ("--nthreads", "1", "--no-nanny", "--memory-limit", "0", "--local-directory")
        found = [
            self._start("worker", self.address, *options, str(self.file.parent / f"worker-{number}"))
            for number in range(count)
        ]
        wait_for(lambda: len(self.client.nthreads()) == count)
        return found

    def close(self) -> None:
        """End all that still runs."""
        with contextlib.suppress(Exception):  # it may have been killed
            self.client.close(timeout=2)
        for process in self.processes:
            process.kill()
            process.wait()
        self.log.close()

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _start(self, what: str, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, "--no-dashboard", *arguments]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)
        self.processes.append(process)
        return process


def kill_a_worker(course: Path, folder: Path, after: int = 4) -> tuple[subprocess.CompletedProcess, int]:
    """Grade a course on two workers and kill one in the middle.

    Args:
        folder: for the cluster. after: results that must be there by then.

    Returns:
        How the run ended, and how many processes of the dead worker were left ten seconds later.
    """
    with Cluster(folder) as cluster:
        first, _ = cluster.workers(2)
        run = start(course, "grade", "--dask", cluster.address)
        wait_for(lambda: executed(course) >= after)
        warm = psutil.Process(first.pid).children(recursive=True)
        os.kill(first.pid, signal.SIGKILL)
        done = finish(run)
        _, alive = psutil.wait_procs(warm, timeout=10)
        return done, len(alive)
