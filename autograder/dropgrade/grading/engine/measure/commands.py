"""`dropgrade` as a command of its own, watched from outside: how far it is, which processes it has."""

import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from dropgrade.grading.engine.measure.rows import Row, rows

DROPGRADE = str(Path(sys.executable).with_name("dropgrade"))


def start(course: Path, *arguments: str, file_limit: int | None = None) -> subprocess.Popen:
    """Start `dropgrade` on a course, in a process group of its own.

    Args:
        arguments: of `dropgrade`; default "grade".
        file_limit: bytes beyond which no file may grow, which is how a full disk looks to it.
    """

    def limit() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, hard))

    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    environment["PATH"] = os.pathsep.join([str(Path(DROPGRADE).parent), environment.get("PATH", os.defpath)])
    return subprocess.Popen(
        [DROPGRADE, *(arguments or ("grade",)), "--course", str(course)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=limit if file_limit is not None else None,
    )


def finish(process: subprocess.Popen, seconds: float = 600) -> subprocess.CompletedProcess:
    """Wait for a command and return what it said."""
    try:
        out, err = process.communicate(timeout=seconds)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def grade(course: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run `dropgrade grade` on a course."""
    return finish(start(course, "grade", *arguments))


def copy(course: Path, place: Path) -> Path:
    """A copy of a course that may be changed."""
    return Path(shutil.copytree(course, place, symlinks=True))


def executed(course: Path) -> int:
    """How many notebooks of a course were run and not yet forgotten."""
    return len(list((course / "grading" / "executed").glob("[!.]*.json")))


def gradebook(course: Path) -> list[Row]:
    """The rows of a course's own gradebook."""
    return rows(f"sqlite:///{course / 'grading' / 'gradebook.db'}")


def wait_for(fact: Callable[[], object], seconds: float = 120) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > until:
            raise TimeoutError("it did not happen")
        time.sleep(0.02)


def engine_processes(process: subprocess.Popen, role: str) -> Iterator[psutil.Process]:
    """The processes of a role ("worker", "judge") that a command has, the oldest first.

    They are: one that only waits, the warm process, and its forks, each with a notebook.
    """
    found = []
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error, KeyError, ValueError):
                if json.loads(child.environ()["DROPGRADE_ZYGOTE"])["role"] == role:
                    found.append((child.create_time(), child.pid, child))
    yield from (child for _, _, child in sorted(found))


def memory(process: psutil.Process) -> int:
    """Bytes of memory of a process and all below it; pages that several share count once."""
    total = 0
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error, OSError):
            total += one.memory_full_info().pss
    return total
