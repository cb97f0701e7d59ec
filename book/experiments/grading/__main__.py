"""Every figure about grading, one measurement after the other, into book/results/.

    python book/experiments/grading                              all of them, about an hour on two quiet cores
    python book/experiments/grading numpy torch                  only these
    python book/experiments/grading --quick --out _build/bench   the same with small classes, a few minutes

The machine should have nothing else to do: `numpy`, `torch` and `training` are timings. The other three,
`many`, `faults` and `postgres`, are about what comes out. Exit code: the worst of all; each result is written
as soon as it is there.
"""

import argparse
import sys
import time
from pathlib import Path

import faults
import many
import postgres
import speed
from _record import line

MEASUREMENTS = {
    "numpy": (speed.main, ["numpy"], ["--size", "10", "--runs", "2", "--steps", "5"]),
    "torch": (speed.main, ["torch"], ["--size", "6", "--runs", "2", "--steps", "5"]),
    "training": (speed.main, ["training", "--size", "40"], ["--size", "3", "--runs", "2", "--steps", "2"]),
    "many": (many.main, [], ["--size", "60"]),
    "faults": (faults.main, [], ["--kills", "3", "--size", "16"]),
    "postgres": (postgres.main, [], ["--size", "8"]),
}
"""Name: what measures it, with which arguments, and with which on top to be quick."""


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="grading", description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="small classes, to try it")
    parser.add_argument("--out", type=Path, help="folder for the results; default book/results")
    options = parser.parse_args(arguments)
    unknown = sorted({*options.names} - {*MEASUREMENTS})
    if unknown:
        parser.error(f"no measurement {', '.join(unknown)}; known: {', '.join(MEASUREMENTS)}")
    if options.quick and options.out is None:
        parser.error("a quick run is no result to keep: say where it goes with --out")
    worst = 0
    for name in options.names or MEASUREMENTS:
        measure, full, quick = MEASUREMENTS[name]
        where = ["--out", str(options.out)] if options.out else []
        begin = time.monotonic()
        code = measure([*full, *(quick if options.quick else []), *where])
        line(measured=name, exit_code=code, minutes=round((time.monotonic() - begin) / 60, 1))
        worst = max(worst, code)
    return worst


if __name__ == "__main__":
    sys.exit(main())
