"""Measure how long a class takes: plain nbgrader against the engine, whole command against whole command.

    python book/experiments/grading/speed.py numpy                              a class of 200
    python book/experiments/grading/speed.py torch --size 20 --out _build/bench      to try it

One plain run of the class is stopped (SIGSTOP) at several moments, and the engine grades the whole class in
each pause: both see the same machine, and each command is whole. The engine runs two notebooks at once. The
gradebooks must be equal row by row, else nothing is written.
Exit code 0: written. 1: the gradebooks differ.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from _record import ROOT, keep, line

from dropgrade.grading.course import Course
from dropgrade.grading.engine.classroom import Classroom
from dropgrade.grading.engine.farm import Farm
from dropgrade.grading.engine.jobs import Job
from dropgrade.grading.engine.measure import commands, school
from dropgrade.grading.engine.measure.alone import Alone
from dropgrade.grading.engine.measure.plain import PlainRun
from dropgrade.grading.engine.measure.rows import differences
from dropgrade.grading.engine.warm import Settings
from dropgrade.grading.how import How
from dropgrade.results import Value, interval_value

CASES = {
    "numpy": ("02_forward", "numpy", 10.0),
    "torch": ("13_bugs", "torch", 25.0),
    "training": ("08_pytorch", "torch", 25.0),
}
"""Exercise, what is imported ahead for it, and the aim. The third trains networks, which takes its time."""
STEP_TARGET = 1.6
PARTS = ("alone", "commands", "plain", "rows", "school")


def main(arguments: list[str] | None = None) -> int:
    """Measure, compare, write."""
    options = parse(arguments)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="speed-") as place:
        fresh = make_class(Path(place) / "fresh", options.slug, options.size)
        steps = measure_steps(fresh, options.slug, options.family, min(options.steps, options.size))
        plain, engine, wrong = measure_commands(fresh, Path(place), options)
    if wrong:
        print("\n".join(["the gradebooks differ:", *wrong[:20]]), file=sys.stderr)
        return 1
    values = figures(options, plain, engine, steps)
    ratio = values["times_faster"]
    claim = (
        f"A class of {options.size} of {options.slug} takes plain nbgrader {plain:.0f} s and the engine "
        f"{values['engine_seconds'].value:.0f} s: {ratio.value:.1f} times faster, with equal gradebooks."
    )
    directions = {
        f"at least {options.aim:g} times faster": ratio.value >= options.aim,
        f"the execute step within {STEP_TARGET:g} times the cells alone": (
            values["step_over_alone"].value <= STEP_TARGET
        ),
    }
    spent = time.monotonic() - begin
    runs = [{"plain": plain}, *engine, {"steps": steps}]
    name = f"grading_speed_{options.case}"
    print(claim, directions)
    print(keep(name, "speed.py", PARTS, values, claim, directions, runs, spent, options.out))
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", choices=CASES, help="which exercise; also names the result")
    parser.add_argument("--size", type=int, default=200, help="learners in the class")
    parser.add_argument("--runs", type=int, default=4, help="runs of the engine within the plain run")
    parser.add_argument("--steps", type=int, default=40, help="notebooks for the execute step")
    parser.add_argument("--out", type=Path, help="folder for the result; default book/results")
    options = parser.parse_args(arguments)
    if min(options.runs, options.steps, options.size) < 2:
        parser.error("one run shows no spread: --runs, --steps and --size must be at least 2")
    options.slug, options.family, options.aim = CASES[options.case]
    return options


def make_class(folder: Path, slug: str, size: int) -> Path:
    """A course of one exercise, built, with its class, not graded."""
    school.copy_course(ROOT, folder, [slug])
    list(Course(folder).build())
    school.hand_in(folder, slug, school.names(size))
    return folder


def measure_steps(fresh: Path, slug: str, family: str, count: int) -> list[list[float]]:
    """Pairs of seconds for some notebooks: in the engine's jail, and the cells alone; one after the other."""
    jobs = jobs_of(fresh, slug)[:count]
    pairs = []
    with Farm(Settings(family=family)) as farm, Alone(family) as alone:
        farm.run(jobs[0]), alone.seconds(jobs[0])
        for job in jobs:
            begin = time.perf_counter()
            farm.run(job)
            pairs.append([time.perf_counter() - begin, alone.seconds(job)])
    line(step=float(np.median([a for a, _ in pairs])), alone=float(np.median([b for _, b in pairs])))
    return pairs


def jobs_of(fresh: Path, slug: str) -> list[Job]:
    """The jobs of a class, as the engine makes them."""
    with tempfile.TemporaryDirectory() as place:
        course = Course(commands.copy(fresh, Path(place) / "course"))
        room = Classroom(course.steps, course.grading / "executed", How())
        releases = course._unanswered([slug])
        return list(room.jobs(course._changed(releases, {"unchanged": 0}), releases))


def measure_commands(
    fresh: Path, place: Path, options: argparse.Namespace
) -> tuple[float, list[dict], list[str]]:
    """Seconds of plain nbgrader; of each run of the engine, with its processor time; what differed."""
    plain = PlainRun(commands.copy(fresh, place / "plain"), options.slug)
    engine, wrong, books = [], [], []
    try:
        for number in range(options.runs):
            moment = options.size * (number + 0.5) / options.runs
            commands.wait_for(
                lambda now=moment: plain.graded >= now or plain.process.poll() is not None, 7200
            )
            with plain.paused():
                course = commands.copy(fresh, place / "engine")
                engine.append(run_engine(course, options.family))
                books.append(commands.gradebook(course))
                shutil.rmtree(course)
            line(graded_by_plain=plain.graded, **engine[-1])
        seconds = plain.finish()
    finally:
        plain.end()
    line(plain=seconds)
    usual = commands.gradebook(place / "plain")
    for book in books:
        wrong += differences(usual, book)
    return seconds, engine, wrong


def run_engine(course: Path, family: str) -> dict[str, float]:
    """Run the whole command; returns its seconds, and the processor seconds of each of its parts."""
    begin = time.monotonic()
    process = commands.start(course, "grade", "--jobs", "2")
    own, parts = 0.0, {"worker": 0.0, "judge": 0.0}
    while process.poll() is None:
        try:
            times = psutil.Process(process.pid).cpu_times()
            own = times.user + times.system
            for role in parts:
                for warm in list(commands.engine_processes(process, role))[1:2]:
                    parts[role] = sum(warm.cpu_times())
        except psutil.Error:
            pass
        time.sleep(0.5)
    seconds = time.monotonic() - begin
    done = commands.finish(process)
    if done.returncode:
        raise SystemExit(f"the engine failed: {done.stdout}{done.stderr}")
    return {"seconds": seconds, "cpu_own": own, **{f"cpu_{role}": spent for role, spent in parts.items()}}


def figures(
    options: argparse.Namespace, plain: float, engine: list[dict], steps: list[list[float]]
) -> dict[str, Value]:
    """What can be quoted."""
    size, step = options.size, np.array(steps)
    ratio = np.exp(interval_of(np.log(step[:, 0] / step[:, 1])))
    parts = {
        f"{part}_ms": Value(1000 * np.mean([run[part] for run in engine]) / size, digits=0)
        for part in ("cpu_own", "cpu_worker", "cpu_judge")
    }
    alone = float(np.mean(step[:, 1]))
    return {
        "size": Value(size),
        "plain_seconds": Value(plain, unit="s", digits=0),
        "engine_seconds": interval_value([run["seconds"] for run in engine], "s", digits=1),
        "times_faster": interval_value([plain / run["seconds"] for run in engine], "times", digits=1),
        "plain_each": Value(plain / size, unit="s", digits=2),
        "engine_each": Value(float(np.mean([run["seconds"] for run in engine])) / size, unit="s", digits=2),
        "step_ms": Value(1000 * float(np.mean(step[:, 0])), digits=0),
        "alone_ms": Value(1000 * alone, digits=0),
        "step_over_alone": Value(*map(float, ratio), unit="times", n=len(steps), digits=2),
        "most_possible": Value(plain / (size * alone / 2), unit="times", digits=1),
        **parts,
    }


def interval_of(samples: np.ndarray) -> np.ndarray:
    """Mean and 95 % t-interval."""
    value = interval_value(samples, "")
    return np.array([value.value, value.low, value.high])


if __name__ == "__main__":
    sys.exit(main())
