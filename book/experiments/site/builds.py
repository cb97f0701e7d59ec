"""How long the site takes to build: from a fresh clone, and once more when nothing has changed.

    python book/experiments/site/builds.py                                three clones, ten minutes
    python book/experiments/site/builds.py --runs 1 --out _build/bench

A clone of the last commit has the measured results, and neither executed notebooks nor pages. Python for the
pages is taken from this checkout. The command is that of `make site`. Where other work shares the machine,
processor time says more than the clock: a build waits for little else, and uses little more than one core.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _record import ROOT, keep, load_now

from dropgrade.inpage import engine
from dropgrade.results import Value

COLD_S, AGAIN_S = 120, 10
"""What the course wants at most, on two cores."""
AGAIN = 3
COMMAND = ("build", ".", "-W", "-n", "--keep-going", "--quiet")


def clone(folder: Path) -> Path:
    """The last commit, in a new folder."""
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    return folder


def build(course: Path) -> dict:
    """One build as `make site` does it: seconds by the clock, and of processor time in all its processes."""
    environment = os.environ | {
        "PYTHONPATH": str(course / "autograder"),
        "COURSE_PYODIDE": str(engine.folder_of(ROOT).resolve()),
        "OMP_NUM_THREADS": "1",
    }
    load, start, before = load_now(), time.perf_counter(), spent()
    command = [str(Path(sys.executable).with_name("jupyter-book")), *COMMAND]
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the site does not build:\n{(done.stdout + done.stderr)[-3000:]}")
    seconds, cpu = time.perf_counter() - start, spent() - before
    return {"load": load, "seconds": round(seconds, 2), "cpu_seconds": round(cpu, 2)}


def spent() -> float:
    """Processor time of all processes that were started from here and have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def main(arguments: list[str] | None = None) -> int:
    """Measure and write; exit code 1 if a build takes longer than the course wants."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="clones")
    parser.add_argument("--out", type=Path, help="folder for the result; default book/results")
    options = parser.parse_args(arguments)
    runs, begin = [], time.monotonic()
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory(prefix="site-") as name:
            course = clone(Path(name) / "course")
            runs.append({"arm": "cold"} | build(course))
            pages = len(list((course / "_build" / "html").rglob("*.html")))
            for _ in range(AGAIN):
                runs.append({"arm": "unchanged"} | build(course))
        print(*runs[-1 - AGAIN :], sep="\n", flush=True)
    values = {}
    for arm in ("cold", "unchanged"):
        for key, kind in (("s", "seconds"), ("cpu_s", "cpu_seconds")):
            times = [run[kind] for run in runs if run["arm"] == arm]
            values[f"{arm}_{key}"] = Value(statistics.median(times), unit="s", digits=1)
    values |= {"pages": Value(pages), "clones": Value(options.runs), "again": Value(AGAIN * options.runs)}
    values |= {"cold_wanted_s": Value(COLD_S, unit="s"), "unchanged_wanted_s": Value(AGAIN_S, unit="s")}
    claim = (
        f"The site of {pages} pages takes {values['cold_s'].quote()} to build from a fresh clone, and "
        f"{values['unchanged_s'].quote()} when nothing has changed."
    )
    enough = {
        f"cold within {COLD_S} s": values["cold_s"].value <= COLD_S,
        f"unchanged within {AGAIN_S} s": values["unchanged_s"].value <= AGAIN_S,
    }
    print(claim)
    print(
        keep("site_builds", ["builds.py"], values, claim, enough, runs, time.monotonic() - begin, options.out)
    )
    return int(not all(enough.values()))


if __name__ == "__main__":
    sys.exit(main())
