"""One notebook, one jailed pair of processes: which cell runs where, for how long, and what came of it."""

import time
from collections.abc import Callable
from typing import Any

from dropgrade.grading.engine import outputs
from dropgrade.grading.engine.inside.wire import Gone, ProtocolError
from dropgrade.grading.engine.jobs import LEARNER, PREPARE, TEST, Cell, Job, Result
from dropgrade.grading.engine.limits import allowed
from dropgrade.grading.engine.warm import Child, Settings

GRACE = 2.0
"""Seconds after a soft limit until the process is ended."""
ENDED = "ended its Python process"


class Disturbed(Exception):
    """A process was killed by something that is neither the engine nor the notebook: try again.

    A jailed process cannot kill itself with SIGKILL: it is the first of its namespace.
    """


class Session:
    """Runs the cells of one job.

    Args:
        worker, judge: fresh children, joined by a line of their own.
        settings: time limits, to which a job's checks add theirs.
    """

    def __init__(self, worker: Child, judge: Child, settings: Settings) -> None:
        self.worker, self.judge, self.settings = worker, judge, settings
        self.worker_end: str | None = None
        self.judge_end: str | None = None
        self.odd: list[str] = []
        self._disturbed = False

    def run(self, job: Job) -> Result:
        """Run every cell in order; whatever the notebook does, a result comes back.

        Raises:
            Disturbed: a process was killed from outside, so that nothing can be said about the notebook.
        """
        start = time.monotonic()
        self.allowed = allowed(job, self.settings)
        self.until = start + self.allowed.total
        steps = {LEARNER: self._learner, PREPARE: self._prepare, TEST: self._test}
        cells, room = [], outputs.MAX_NOTEBOOK
        if job.given:
            self._ask(self.worker, {"given": dict(job.given)}, self.allowed.cell, self._end_worker)
        for cell in job.cells:
            if not cell.source.strip():
                cells.append({"outputs": [], "count": None})
                continue
            answer = steps[cell.kind](cell, job)
            # A learner who has used up the room must not silence the judge.
            found = outputs.clean(answer.get("outputs"), outputs.MAX_NOTEBOOK if cell.kind == TEST else room)
            room -= outputs.size(found) if cell.kind != TEST else 0
            if answer.get("status") != "ok" and not any(out["output_type"] == "error" for out in found):
                found.append(outputs.failure("Error", "the cell failed"))
            cells.append({"outputs": found, "count": outputs.count(answer.get("count"))})
        if self._disturbed:
            raise Disturbed(self.judge_end or self.worker_end)
        return Result(job.key, cells, self.odd, round(time.monotonic() - start, 3), self.worker_end)

    def _learner(self, cell: Cell, job: Job) -> dict[str, Any]:
        if self.worker_end:
            return _failed("NotRun", f"{self.worker_end} before this cell")
        limit = min(self.allowed.cell, self._left())
        answer = self._ask(
            self.worker, {"code": cell.source, "limit": limit}, limit + GRACE, self._end_worker
        )
        if self.worker_end:
            late = "time limit" in self.worker_end
            return _failed("CellTimeoutError" if late else "SubmissionEnded", self.worker_end)
        return answer

    def _prepare(self, cell: Cell, job: Job) -> dict[str, Any]:
        """The course's own cell: the judge runs it for itself, the learner's process shows its output."""
        if not self.judge_end:
            self._ask(self.judge, {"code": cell.source}, self.settings.test, self._end_judge)
        return self._learner(cell, job)

    def _test(self, cell: Cell, job: Job) -> dict[str, Any]:
        if self.judge_end:
            return _failed("NotJudged", self.judge_end)
        request = {"code": cell.source, "names": list(job.names)}
        limit = min(self.allowed.test(cell.source), self._left() + self.allowed.cell)
        answer = self._ask(self.judge, request, limit, self._late_test)
        if answer.get("ended") and not self.worker_end:
            self._end_worker(str(answer["ended"]))
        if self.judge_end:
            return _failed("NotJudged", self.judge_end)
        return answer

    def _late_test(self, reason: str) -> dict[str, Any] | None:
        """The judge is late because the learner's process is; without it the judge can finish its verdict."""
        if "time limit" in reason and not self.worker_end:
            self._end_worker("A test did not end in time")
            try:
                return self.judge.channel.receive(GRACE)[0]
            except (Gone, TimeoutError, ProtocolError):
                pass
        self._end_judge(reason)
        return None

    def _ask(
        self, child: Child, request: dict[str, Any], seconds: float, end: Callable[[str], dict | None]
    ) -> dict[str, Any]:
        """One request to a child; `end` is called with the reason when there is no answer to be had."""
        try:
            child.channel.send(request, timeout=GRACE)
            answer, _ = child.channel.receive(seconds)
            if not child.channel.idle:
                raise ProtocolError("an answer came that nobody asked for")
            if "layer" in answer or "died" in answer:
                raise Gone(str(answer.get("died") or answer))
            return answer
        except Gone:
            return end(f"The submission {ENDED}") or {}
        except TimeoutError:
            return end("The submission did not stop at the time limit") or {}
        except ProtocolError as error:
            return end(f"The submission broke the grader's protocol: {error}") or {}

    def _end_worker(self, reason: str) -> None:
        self._disturbed = self._disturbed or (reason.endswith(ENDED) and self.worker.was_killed())
        self.worker.kill()
        self.worker_end = reason
        self.odd.append(reason)

    def _end_judge(self, reason: str) -> None:
        self._disturbed = self._disturbed or (reason.endswith(ENDED) and self.judge.was_killed())
        self.judge.kill()
        self.judge_end = reason.replace("The submission ended", "The judge ended")
        self.odd.append(self.judge_end)

    def _left(self) -> float:
        """Seconds that are left of the whole submission's time; at least a moment."""
        return max(0.1, self.until - time.monotonic())


def _failed(name: str, message: str) -> dict[str, Any]:
    return {"status": "error", "outputs": [outputs.failure(name, message)], "count": None}
