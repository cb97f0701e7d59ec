"""Writing files and gradebook: a full disk or a lock ends a run with a sentence, never with half a file."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import OperationalError

from dropgrade.errors import CourseError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG)
AGAIN = "then run the same command again, which goes on from here"


class StoppedWriting(CourseError):
    """Nothing more can be written, so the run stops; what was written is whole."""


def write_whole(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file whole or not at all, with its folder.

    Args:
        mode: permissions of the file; default the usual ones.

    Raises:
        StoppedWriting: the disk is full.
        CourseError: this one file cannot be written.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        if mode is not None:
            os.chmod(draft, mode)
        os.replace(draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        kind = StoppedWriting if error.errno in FULL else CourseError
        raise kind(f"{path.parent} cannot be written ({error.strerror}); make room, {AGAIN}") from error


@contextlib.contextmanager
def gradebook_errors() -> Iterator[None]:
    """Turn what a database cannot do now into `StoppedWriting`: it is locked, full, or out of reach."""
    try:
        yield
    except OperationalError as error:
        raise StoppedWriting(why_not(error)) from error


def why_not(error: OperationalError) -> str:
    """A database's error as a sentence with its mend.

    >>> why_not(OperationalError("INSERT", {}, Exception("no route to host"))).partition(";")[0]
    'the gradebook cannot be used (no route to host)'
    """
    words = str(error.orig).strip().partition("\n")[0]
    if is_locked(error):
        return f"another program holds the gradebook ({words}); close it, {AGAIN}"
    if "full" in words or "disk I/O" in words:
        return f"the gradebook cannot be written ({words}); make room, {AGAIN}"
    return f"the gradebook cannot be used ({words}); mend that, {AGAIN}"


def is_locked(error: OperationalError) -> bool:
    """Whether waiting may help."""
    return "locked" in str(error.orig)
