"""Measure nothing, break much: what happens to a run from outside must cost time and nothing else.

    python book/experiments/grading/faults.py                       about 15 minutes
    python book/experiments/grading/faults.py --kills 3 --out _build/bench

``kill -9`` of the command at 30 random moments, of both warm processes and of a fork of each; a disk that is
full; a gradebook that another program holds, against readers and against writers; one of two Dask workers.
After each, the command is run again, and the gradebook must be that of an undisturbed run, row by row.
Exit code 1: it was not.
"""

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path

from _record import ROOT, keep, line

from dropgrade.grading.course import Course
from dropgrade.grading.engine.measure import cluster, commands, faults, school
from dropgrade.grading.engine.measure.rows import differences
from dropgrade.results import Value

SLUG = "03_backward"


def main(arguments: list[str] | None = None) -> int:
    """Break, run again, compare, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=30, help="random kills of the command")
    parser.add_argument("--size", type=int, default=24, help="learners in the class")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--out", type=Path, help="folder for the result; default book/results")
    options = parser.parse_args(arguments)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        try:
            found = trial(Path(name), options)
        except faults.Broken as broken:
            print(broken, file=sys.stderr)
            return 1
    values = {key: Value(number) for key, number in found["counts"].items()}
    values["size"] = Value(options.size)
    claim = (
        f"After {found['counts']['kills']} kills of the command at random moments, the death of each of its "
        "parts, a full disk, a locked gradebook and the death of a Dask worker, the same command gave the "
        "usual gradebook each time."
    )
    directions = {"no process of a killed command stays behind": not found["counts"]["orphans"]}
    spent = time.monotonic() - begin
    parts, seeds = ("cluster", "commands", "faults", "rows", "school"), [options.seed]
    runs = found["runs"]
    print(
        keep("grading_faults", "faults.py", parts, values, claim, directions, runs, spent, options.out, seeds)
    )
    return 0


def trial(place: Path, options: argparse.Namespace) -> dict:
    """Try every fault; returns counts and what is known of each kill."""
    fresh = place / "fresh"
    school.copy_course(ROOT, fresh, [SLUG])
    list(Course(fresh).build())
    school.hand_in(fresh, SLUG, school.names(options.size))
    usual_course = commands.copy(fresh, place / "usual")
    commands.grade(usual_course)
    usual, size = commands.gradebook(usual_course), options.size
    kills = faults.random_kills(fresh, place, usual, size, options.kills, options.seed)
    line(kills=len(kills), graded_by_then=[kill.graded for kill in kills])
    course = commands.copy(fresh, place / "parts")
    faults.kill_parts(course)
    faults.completes(course, usual, size)
    line(parts=[" ".join(part) for part in faults.PARTS])
    disks = full_disks(fresh, place, usual, size)
    locks = held_gradebooks(fresh, place, usual, size)
    orphans = dead_worker(fresh, place, usual, size)
    counts = {
        "kills": len(kills),
        "kills_before_any_result": sum(not kill.executed for kill in kills),
        "kills_in_the_middle": sum(0 < kill.graded < size for kill in kills),
        "orphans": sum(kill.orphans for kill in kills) + orphans,
        "parts_killed": len(faults.PARTS),
        "full_disks": len(disks),
        "locks": len(locks),
        "dask_workers": 2,
        "dask_kills": 1,
    }
    runs = [vars(kill) for kill in kills] + [{"said": said} for said in (*disks, *locks)]
    return {"counts": counts, "runs": runs}


def full_disks(fresh: Path, place: Path, usual: list, size: int) -> list[str]:
    """Files that may not grow, and where root is at hand, a file system without room; what was said."""
    course = commands.copy(fresh, place / "limited")
    room = (course / "grading" / "gradebook.db").stat().st_size + (8 << 10)
    said = [refused(commands.finish(commands.start(course, "grade", file_limit=room)), "make room")]
    faults.completes(course, usual, size)
    with faults.small_disk(place / "disk", 4 << 20) as mounted:
        if mounted:
            course = commands.copy(fresh, place / "disk" / "course")
            faults.fill(course, leave=150 << 10)
            said.append(refused(commands.grade(course), "make room"))
            faults.make_room(course)
            faults.completes(course, usual, size)
    line(disks=said)
    return said


def held_gradebooks(fresh: Path, place: Path, usual: list, size: int) -> list[str]:
    """Another program holds the gradebook, against readers too or against writers alone; what was said."""
    said = []
    for mode in ("EXCLUSIVE", "IMMEDIATE"):
        course = commands.copy(fresh, place / mode)
        with faults.locked(course, mode):
            said.append(refused(commands.grade(course), "another program holds the gradebook"))
        faults.completes(course, usual, size)
    line(locks=said)
    return said


def dead_worker(fresh: Path, place: Path, usual: list, size: int) -> int:
    """One of two Dask workers is killed in the middle of a run; returns how many of its processes stayed."""
    course = commands.copy(fresh, place / "dask")
    done, left = cluster.kill_a_worker(course, place, after=size // 3)
    found = differences(usual, commands.gradebook(course))
    if done.returncode or found:
        raise faults.Broken(f"{'; '.join(found[:5])} {done.stdout[-300:]}{done.stderr[-2000:]}")
    line(dask=done.stdout.strip().splitlines()[-1])
    return left


def refused(done, words: str) -> str:
    """What a command said that had to stop; Broken if it did not, or said something else."""
    if done.returncode != 2 or words not in done.stderr or "Traceback" in done.stderr:
        raise faults.Broken(f"exit code {done.returncode}: {done.stdout[-300:]}{done.stderr[-2000:]}")
    return re.sub(r"(?<= )/\S+", "FOLDER", done.stderr.strip().splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
