"""A class on a Dask cluster: workers may die, and the gradebook is the usual one, or a line says why not."""

# ruff: noqa: F811

import sys
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from engine_room import job, sandboxed
from schoolroom import SIZE, taught  # noqa: F401

from dropgrade.errors import CourseError
from dropgrade.grading.engine import daskpool
from dropgrade.grading.engine.jobs import fingerprint
from dropgrade.grading.engine.measure.cluster import Cluster, kill_a_worker
from dropgrade.grading.engine.measure.commands import gradebook
from dropgrade.grading.engine.warm import Settings

pytest.importorskip("distributed", reason="distributed, the extra 'cluster', is not installed")
JOB = job("def f(x):\n    return x", "assert f(1) == 1")


@pytest.fixture
def cluster(tmp_path) -> Iterator[Cluster]:
    """A cluster without workers yet."""
    with Cluster(tmp_path) as one:
        yield one


@pytest.mark.slow
class TestOnACluster:
    """With real processes."""

    pytestmark = sandboxed

    def test_a_worker_killed_in_the_middle_costs_a_retry(self, taught, tmp_path):
        """The gradebook is the one of a run on this machine, and nothing of the dead worker stays behind."""
        course = taught.copy(tmp_path / "course")
        done, left = kill_a_worker(course, tmp_path)
        assert done.returncode == 0 and f"{SIZE} graded, 0 unchanged" in done.stdout, done.stderr
        assert gradebook(course) == taught.rows and not left

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
