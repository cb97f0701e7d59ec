"""A class through the engine: sanitise, run what has not been run, write; a few submissions at a time."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field

from nbformat import NotebookNode

from dropgrade.grading.engine.execute import put_outputs
from dropgrade.grading.engine.jobs import Job, Result
from dropgrade.grading.engine.layers import SandboxError
from dropgrade.grading.engine.master import Master
from dropgrade.grading.engine.pool import Pool, results
from dropgrade.grading.engine.replay import Writer
from dropgrade.grading.engine.sanitise import Sanitiser, job_of
from dropgrade.grading.engine.store import Store
from dropgrade.grading.writing import StoppedWriting


@dataclass
class Submission:
    """One submission on its way through.

    Attributes:
        student: whose.
        master: the graded cells of its notebook.
        notebook: clean; read when its turn comes, so that a class need not fit into memory.
        timestamp: when it was handed in, or None.
        refused: whether it stands for one that could not be graded.
        odd: what the engine noticed, one sentence each.
    """

    student: str
    master: Master
    notebook: Callable[[], NotebookNode]
    timestamp: str | None = None
    refused: bool = False
    odd: list[str] = field(default_factory=list)


class Batch:
    """Grades submissions with a pool, a store and a writer.

    Args:
        sanitiser: makes jobs of notebooks.
        store: results of earlier runs, and of this one as soon as they are there.
        writer: the one that writes the gradebook.

    Attributes:
        keys: of all jobs so far.
        failures: submissions that could not be graded for a reason that is not theirs, with the reason.
    """

    def __init__(self, sanitiser: Sanitiser, store: Store, writer: Writer) -> None:
        self.sanitiser, self.store, self.writer = sanitiser, store, writer
        self.keys: set[str] = set()
        self.failures: list[str] = []

    def run(self, pool: Pool, submissions: Iterable[Submission]) -> Iterator[Submission]:
        """Grade them and yield each once it is in the gradebook, in the order in which they finish."""
        remembering = _Remembering(pool, self.store)

        def jobs() -> Iterator[tuple[tuple[Submission, NotebookNode], Job]]:
            for submission in submissions:
                with self._failing(submission):
                    notebook = self.sanitiser.apply(submission.notebook(), submission.master)
                    job = job_of(notebook, submission.master)
                    self.keys.add(job.key)
                    yield (submission, notebook), job

        for (submission, notebook), result in results(remembering, jobs()):
            with self._failing(submission):
                remembering.keep(result)
                put_outputs(notebook, submission.master, result)
                self.writer.write(submission.student, submission.master, notebook, submission.timestamp)
                submission.odd += result.odd
                yield submission

    @contextmanager
    def _failing(self, submission: Submission) -> Iterator[None]:
        """Let a failure cost one submission, unless the next one is bound to fail as well."""
        try:
            yield
        except (StoppedWriting, SandboxError):
            raise
        except Exception as error:
            name = f"{submission.student}/{submission.master.assignment}"
            self.failures.append(f"{name}: {type(error).__name__}: {error}")


class _Remembering:
    """A pool that runs only what is not in the store."""

    def __init__(self, pool: Pool, store: Store) -> None:
        self.pool, self.store = pool, store
        self.width = pool.width
        self.stored: set[str] = set()

    def submit(self, job: Job) -> "Future[Result]":
        known = self.store.get(job.key)
        if known is None:
            return self.pool.submit(job)
        self.stored.add(known.key)
        future: Future[Result] = Future()
        future.set_result(known)
        return future

    def keep(self, result: Result) -> None:
        """Store a result that is new."""
        if result.key not in self.stored:
            self.store.put(result)
            self.stored.add(result.key)
