"""A class in the engine's hands: from changed submissions to lines that say how it goes."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from nbformat import NotebookNode
from sqlalchemy.exc import SAWarning

from dropgrade.grading.engine.batch import Batch, Submission
from dropgrade.grading.engine.daskpool import DaskPool
from dropgrade.grading.engine.execute import EngineExecute
from dropgrade.grading.engine.jobs import Job
from dropgrade.grading.engine.layers import SHOUT
from dropgrade.grading.engine.master import Master
from dropgrade.grading.engine.pool import LocalPool, Pool
from dropgrade.grading.engine.progress import Progress
from dropgrade.grading.engine.replay import Writer
from dropgrade.grading.engine.sanitise import Sanitiser, job_of
from dropgrade.grading.engine.store import Store
from dropgrade.grading.engine.warm import Settings
from dropgrade.grading.how import Changed, How
from dropgrade.grading.records import record_of
from dropgrade.grading.steps import Steps
from dropgrade.grading.summary import record_line

SMALL_CLASS = 40
"""Up to so many submissions each gets its line; of a larger class only the odd ones do."""


class Classroom:
    """Grades what changed.

    Args:
        steps: the course's nbgrader steps and folders.
        store: folder for results, from which an interrupted run goes on.
        how: the instructor's choices.

    Attributes:
        graded: how many submissions were written so far.
        failures: those that could not be, with the reason, once all were tried.
    """

    def __init__(self, steps: Steps, store: Path, how: How) -> None:
        self.steps, self.how = steps, how
        self.store = Store(store)
        self.graded = 0
        self.failures: list[str] = []

    def grade(
        self, changed: Iterable[Changed], releases: dict[str, NotebookNode], total: int
    ) -> Iterator[str]:
        """Run and write them, in the order in which they finish; yields lines for the instructor.

        Args:
            changed: read one by one, as there is room.
            releases: the exercises that may come.
            total: submissions at most, for the estimate.
        """
        if not self.how.sandbox:
            yield SHOUT
        progress = Progress(total)
        with self.steps.gradebook() as gradebook, _quiet_database():
            masters = {slug: Master.read(gradebook, slug, slug) for slug in releases}
            writer = Writer(self.steps.config, self.steps.directory, gradebook)
            batch = Batch(Sanitiser(self.steps.config), self.store, writer)
            submissions = (_submission(one, masters[one.slug]) for one in changed)
            with self._pool() as pool:
                for done in batch.run(pool, submissions):
                    self.graded += 1
                    progress.clear()
                    if total <= SMALL_CLASS or done.odd:
                        record = record_of(
                            gradebook, self.steps.directory, done.master.assignment, done.student
                        )
                        yield " ".join([record_line(record), *done.odd])
                    yield from progress.advance()
            progress.clear()
        if self.graded and not batch.failures:
            self.store.prune(batch.keys)
        self.failures = batch.failures

    def jobs(self, changed: Iterable[Changed], slugs: Iterable[str]) -> Iterator[Job]:
        """The jobs of what changed, for machines that are to run them elsewhere."""
        with self.steps.gradebook() as gradebook:
            masters = {slug: Master.read(gradebook, slug, slug) for slug in slugs}
        sanitiser = Sanitiser(self.steps.config)
        for one in changed:
            master = masters[one.slug]
            yield job_of(sanitiser.apply(one.one.notebook, master), master)

    def settings(self) -> Settings:
        """How notebooks run: the configured limits and the instructor's choices."""
        settings = EngineExecute(config=self.steps.config).settings()
        return replace(settings, jailed=settings.jailed and self.how.sandbox)

    def _pool(self) -> Pool:
        if self.how.dask:
            return DaskPool(self.settings(), self.how.dask)
        return LocalPool(self.settings(), self.how.jobs)


def _submission(changed: Changed, master: Master) -> Submission:
    one = changed.one
    return Submission(changed.student, master, lambda: one.notebook, one.timestamp, bool(one.refused))


@contextmanager
def _quiet_database() -> Iterator[None]:
    """nbgrader builds a submission's rows in an order that SQLAlchemy remarks upon each time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield
