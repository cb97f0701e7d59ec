"""What can happen to a run from outside, done on purpose; afterwards the gradebook must be the usual one."""

import contextlib
import os
import random
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from dropgrade.grading.engine.measure import commands
from dropgrade.grading.engine.measure.rows import Row, differences


@dataclass(frozen=True)
class Kill:
    """One `kill -9` of the command.

    Attributes:
        seconds: after its start. graded, executed: submissions in the gradebook and results on disk by then.
        orphans: processes of the engine that were still there ten seconds later.
    """

    seconds: float
    graded: int
    executed: int
    orphans: int


class Broken(AssertionError):
    """A run after a fault did not give the gradebook of an undisturbed one."""


def kill_once(course: Path, seconds: float) -> Kill | None:
    """Start grading and kill the command with SIGKILL after some seconds; None if it was done by then."""
    process = commands.start(course)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate()
        _, alive = psutil.wait_procs(below, timeout=10)
        return Kill(seconds, graded(course), commands.executed(course), len(alive))
    process.communicate()
    return None


def graded(course: Path) -> int:
    """How many submissions the gradebook has."""
    database = sqlite3.connect(course / "grading" / "gradebook.db")
    with contextlib.closing(database):
        return database.execute("select count(*) from submitted_assignment").fetchone()[0]


def completes(course: Path, usual: list[Row], total: int) -> None:
    """Grade what is left and compare.

    Raises:
        Broken: something was run a second time, or the gradebook is not the usual one.
    """
    folder = course / "grading" / "executed"
    before = {path: path.stat().st_mtime_ns for path in folder.glob("[!.]*.json")}
    done = commands.grade(course)
    if done.returncode or f"{total} graded" not in _sum(done.stdout, total):
        raise Broken(f"the rerun failed: {done.stdout[-500:]}{done.stderr[-500:]}")
    again = [path for path, moment in before.items() if path.exists() and path.stat().st_mtime_ns != moment]
    found = differences(usual, commands.gradebook(course))
    if again or found:
        raise Broken(f"{len(again)} notebooks were run twice; {'; '.join(found[:5])}")


def random_kills(fresh: Path, place: Path, usual: list[Row], total: int, count: int, seed: int) -> list[Kill]:
    """Kill the command at random moments of its time; each class is killed again and again until it is done.

    Args:
        fresh: an ungraded course; place: an empty folder for copies of it.
        usual: rows of an undisturbed run.
        total: submissions. count: kills wanted. seed: of the moments.
    """
    chance, kills, length = random.Random(seed), [], _duration(fresh, place / "timed")
    for number in range(1_000):
        course = commands.copy(fresh, place / f"killed-{number}")
        for _ in range(4):
            kill = kill_once(course, chance.uniform(0.2, length))
            if kill is None:
                break
            kills.append(kill)
            if len(kills) == count:
                break
        completes(course, usual, total)
        if len(kills) >= count:
            return kills
    raise Broken("the runs are too short to be killed")


PARTS = (("worker", "zygote"), ("judge", "fork"), ("judge", "zygote"), ("worker", "fork"))
"""Role, and "zygote", the warm process, or "fork", one that has a notebook."""


def kill_parts(course: Path) -> subprocess.CompletedProcess:
    """Kill each of `PARTS` in the middle of one run; returns how the run ended.

    Raises:
        Broken: the run ended before all of them were killed.
    """
    process = commands.start(course)
    for number, (role, which) in enumerate(PARTS, start=1):
        commands.wait_for(lambda wanted=2 * number: commands.executed(course) >= wanted)
        while not _kill(commands.engine_processes(process, role), which):
            if process.poll() is not None:
                raise Broken(f"there was no {which} of the {role} to be killed")
    return commands.finish(process)


def _kill(found: Iterator[psutil.Process], which: str) -> bool:
    processes = list(found)
    for one in processes[1:2] if which == "zygote" else processes[2:]:
        with contextlib.suppress(psutil.Error):
            one.kill()
            return True
    return False


@contextlib.contextmanager
def locked(course: Path, mode: str = "IMMEDIATE") -> Iterator[None]:
    """Another program holds the gradebook: IMMEDIATE lets others read, EXCLUSIVE does not."""
    database = sqlite3.connect(course / "grading" / "gradebook.db", isolation_level=None)
    with contextlib.closing(database):
        database.execute(f"BEGIN {mode}")
        yield
        database.execute("ROLLBACK")


@contextlib.contextmanager
def small_disk(place: Path, size: int) -> Iterator[bool]:
    """Mount a file system of some bytes, which only root may; yields whether that was possible."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    mounted = os.getuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(place)], check=True)


def fill(course: Path, leave: int) -> None:
    """Fill the file system of a course but for some bytes."""
    disk = os.statvfs(course)
    with (course / "filler").open("wb") as filler:
        filler.write(bytes(max(0, disk.f_bavail * disk.f_frsize - leave)))


def make_room(course: Path) -> None:
    """Take away what `fill` put there."""
    (course / "filler").unlink()


def _sum(said: str, total: int) -> str:
    """The last line's numbers added: what was graded now and what was unchanged are all there is."""
    words = said.strip().splitlines()[-1].split() if said.strip() else ["0", "", "0"]
    return f"{total} graded" if int(words[0]) + int(words[2]) == total else said


def _duration(fresh: Path, place: Path) -> float:
    begin = time.monotonic()
    commands.grade(commands.copy(fresh, place))
    return time.monotonic() - begin
