"""Plain nbgrader, as an instructor runs it on a class: the other side of every comparison.

Its course folder has the same submissions and only nbgrader's own steps. While something else is measured it
can be stopped with SIGSTOP, kernel and all, so that both sides see the same machine in turns.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

CONFIG = '''"""Plain nbgrader: the folders of this course, and nothing else that is its own."""

c = get_config()
c.CourseDirectory.course_id = "dropout"
c.CourseDirectory.source_directory = "grading/source"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.db_url = "sqlite:///grading/gradebook.db"
# It may be stopped while it waits; that must not look like an endless cell.
c.Execute.timeout = 3600
c.Execute.startup_timeout = 3600
'''


class PlainRun:
    """``nbgrader autograde SLUG`` on a course folder, started at once.

    Args:
        course: a folder that was built; its configuration is replaced.
        slug: the exercise.
    """

    def __init__(self, course: Path, slug: str) -> None:
        (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        self.course, self.slug = course, slug
        self.log = (course / "plain.log").open("wb")
        programs = str(Path(sys.executable).parent)
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        environment["PATH"] = os.pathsep.join([programs, environment.get("PATH", os.defpath)])
        self.start, self.stopped = time.monotonic(), 0.0
        self.process = subprocess.Popen(
            [f"{programs}/nbgrader", "autograde", slug],
            cwd=course,
            env=environment,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    @property
    def graded(self) -> int:
        """How many submissions it has begun to execute or is done with."""
        return len(list((self.course / "grading" / "autograded").glob(f"*/{self.slug}/{self.slug}.ipynb")))

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop it and its kernel; the time until it goes on does not count as its own."""
        begin = time.monotonic()
        stopped: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            whole = psutil.Process(self.process.pid)
            whole.suspend()
            stopped = [whole, *whole.children(recursive=True)]
        for one in stopped[1:]:
            with contextlib.suppress(psutil.Error):
                one.suspend()
        try:
            yield
        finally:
            for one in reversed(stopped):
                with contextlib.suppress(psutil.Error):
                    one.resume()
            self.stopped += time.monotonic() - begin

    def finish(self) -> float:
        """Wait for it; returns the seconds that it ran."""
        self.process.wait()
        spent = time.monotonic() - self.start - self.stopped
        self.log.close()
        return spent

    def end(self) -> None:
        """Kill it with its kernel."""
        with contextlib.suppress(psutil.Error):
            whole = psutil.Process(self.process.pid)
            for one in [*whole.children(recursive=True), whole]:
                with contextlib.suppress(psutil.Error):
                    one.kill()
        self.process.wait()
