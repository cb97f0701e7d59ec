"""Results on disk, one file a job, so that a run that was stopped goes on where it was."""

from collections.abc import Iterable
from pathlib import Path

from dropgrade.grading.engine.jobs import Result
from dropgrade.grading.writing import write_whole


class Store:
    """A folder of results.

    Args:
        folder: made when the first result is put.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> Result | None:
        """The result of the job with that key; None if there is none, or only half of one."""
        path = self._path(key)
        try:
            result = Result.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError):
            return None
        return result if result.key == key else None

    def put(self, result: Result) -> None:
        """Keep a result; CourseError when it cannot be written, StoppedWriting when the disk is full."""
        write_whole(self._path(result.key), result.dumps().encode())

    def prune(self, keep: Iterable[str]) -> None:
        """Remove all results but some."""
        kept = {self._path(key) for key in keep}
        for path in self.folder.glob("*"):
            if path not in kept:
                path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            raise ValueError(f"{key!r} is no key")
        return self.folder / f"{key}.json"
