"""Every figure about the site, one measurement after the other, into book/results/.

    python book/experiments/site                          all of them, half an hour on two quiet cores
    python book/experiments/site builds                   only this

The machine should have nothing else to do: all three are timings, and its load is recorded with them.
`first_verdict` and `later_checks` look at `_build/html`, hence `make site` first. Exit code: the worst.
"""

import argparse
import sys

import builds
import first_verdict
import later_checks

MEASUREMENTS = {"builds": builds.main, "first_verdict": first_verdict.main, "later_checks": later_checks.main}


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="site", description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; default: all"
    )
    options = parser.parse_args(arguments)
    unknown = sorted({*options.names} - {*MEASUREMENTS})
    if unknown:
        parser.error(f"no measurement {', '.join(unknown)}; known: {', '.join(MEASUREMENTS)}")
    return max(MEASUREMENTS[name]([]) for name in options.names or MEASUREMENTS)


if __name__ == "__main__":
    sys.exit(main())
