"""A class on a Dask cluster: workers may die, and the gradebook is the usual one, or a line says why not."""

# ruff: noqa: F811

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest
from engine_room import job, sandboxed
from schoolroom import SIZE, taught  # noqa: F401

from dropgrade.errors import CourseError
from dropgrade.grading.engine import daskpool
from dropgrade.grading.engine.jobs import fingerprint
from dropgrade.grading.engine.measure.commands import executed, finish, gradebook, start, wait_for
from dropgrade.grading.engine.warm import Settings

distributed = pytest.importorskip("distributed", reason="distributed, the extra 'cluster', is not installed")
JOB = job("def f(x):\n    return x", "assert f(1) == 1")


class Cluster:
    """A scheduler and workers, each a process of its own, as a cluster has them."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.log = (folder / "cluster.log").open("wb")
        self.processes: list[subprocess.Popen] = []
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(self.file))
        wait_for(self.file.exists)
        self.client = distributed.Client(scheduler_file=str(self.file), set_as_default=False)
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
        with contextlib.suppress(Exception):
            self.client.close(timeout=2)
        for process in self.processes:
            process.kill()
            process.wait()
        self.log.close()

    def _start(self, what: str, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, "--no-dashboard", *arguments]
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(command, env=environment, stdout=self.log, stderr=self.log)
        self.processes.append(process)
        return process


@pytest.fixture
def cluster(tmp_path) -> Iterator[Cluster]:
    """A cluster without workers yet."""
    one = Cluster(tmp_path)
    yield one
    one.close()


@pytest.mark.slow
class TestOnACluster:
    """With real processes."""

    pytestmark = sandboxed

    def test_a_worker_killed_in_the_middle_costs_a_retry(self, taught, cluster, tmp_path):
        """The gradebook is the one of a run on this machine, and nothing of the dead worker stays behind."""
        course = taught.copy(tmp_path / "course")
        first, _ = cluster.workers(2)
        run = start(course, "grade", "--dask", cluster.address)
        wait_for(lambda: executed(course) >= 4)
        warm = psutil.Process(first.pid).children(recursive=True)
        assert warm and executed(course) < SIZE
        os.kill(first.pid, signal.SIGKILL)
        done = finish(run)
        assert done.returncode == 0 and f"{SIZE} graded, 0 unchanged" in done.stdout, done.stderr
        assert gradebook(course) == taught.rows
        _, alive = psutil.wait_procs(warm, timeout=10)
        assert not alive

    def test_a_cluster_that_is_gone_ends_the_run(self, cluster):
        """With a line that says so; here the last worker is killed."""
        (worker,) = cluster.workers(1)
        with daskpool.DaskPool(Settings(), cluster.address, patience=2.0) as pool:
            assert pool.submit(JOB).result(60).cells[-1]["outputs"] == []
            worker.kill()
            with pytest.raises(CourseError, match=r"no worker for 2 s; .*goes on from here"):
                pool.submit(JOB).result(60)

    def test_a_scheduler_that_is_gone_ends_the_run(self, cluster):
        """Nobody waits for ever."""
        cluster.workers(1)
        with daskpool.DaskPool(Settings(), cluster.address, patience=2.0) as pool:
            cluster.scheduler.kill()
            with pytest.raises(CourseError, match="Dask cluster"):
                pool.submit(JOB).result(60)

    def test_a_cluster_without_workers_is_refused_at_once(self, cluster):
        """Before anything is read."""
        with pytest.raises(CourseError, match="has no workers"):
            daskpool.DaskPool(Settings(), cluster.address)


def test_a_wrong_address_is_said_in_a_line(monkeypatch):
    """With the address."""
    monkeypatch.setattr(daskpool, "CONNECT_SECONDS", 1)
    with pytest.raises(CourseError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        daskpool.DaskPool(Settings(), "tcp://127.0.0.1:9")


def test_a_worker_of_another_version_is_refused():
    """Its checks may be other ones."""
    with pytest.raises(CourseError, match="another version of dropgrade"):
        daskpool.run_text(JOB.dumps(), Settings(), "another")
    assert fingerprint() == fingerprint()


def test_without_dask_the_extra_is_named(monkeypatch):
    """And how to install it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match=r"pip install 'dropgrade\[cluster\]'"):
        daskpool.DaskPool(Settings(), "tcp://127.0.0.1:9")


def test_what_a_cluster_does_to_a_task_is_no_traceback():
    """It becomes an error of the course's own, with the cluster's words."""

    class Done:
        def result(self):
            raise RuntimeError("the worker ran out of memory")

    future = Future()
    daskpool._settle(Done(), future)
    with pytest.raises(CourseError, match="could not run a notebook: the worker ran out of memory"):
        future.result(1)
