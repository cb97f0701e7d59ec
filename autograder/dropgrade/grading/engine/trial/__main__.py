"""Try all attacks, as this user and, if that is root, as somebody else too; say or write what came of it."""

import argparse
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from dropgrade.grading.engine.trial import ATTACKS
from dropgrade.grading.engine.trial.court import try_all
from dropgrade.grading.engine.trial.model import SLUG
from dropgrade.grading.engine.trial.someone import run_as_someone

LONGEST = 1500.0


def main() -> int:
    """Entry point; exit code 1 when an attack succeeded."""
    parser = argparse.ArgumentParser(prog="python -m dropgrade.grading.engine.trial", description=__doc__)
    parser.add_argument("--course", type=Path, default=Path("."), help="the repository (default: here)")
    parser.add_argument("--write", type=Path, help="write the results to this JSON file")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", help="attacks (default: all)")
    options = parser.parse_args()
    chosen = tuple(one for one in ATTACKS if not options.names or one.name in options.names)
    if options.here:
        print(json.dumps(try_all(options.here, options.course, chosen)))
        return 0
    trials = list(run(options.course, [one.name for one in chosen]))
    if options.write:
        options.write.write_text(json.dumps(trials, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    succeeded = [one for trial in trials for one in trial["attacks"] if not one["failed"]]
    for trial in trials:
        print(f"{trial['user']}: {len(trial['attacks'])} attacks in {trial['seconds']:g} s")
    for one in succeeded:
        print(f"SUCCEEDED: {one['name']}: {one['score']} for {one['honest']}; {'; '.join(one['leaked'])}")
    return 1 if succeeded else 0


def run(repository: Path, names: list[str]) -> list[dict[str, Any]]:
    """The trial as this user, and for root as somebody else as well."""
    chosen = tuple(one for one in ATTACKS if one.name in names)
    with tempfile.TemporaryDirectory(prefix="trial-") as place:
        trials = [try_all(Path(place) / "course", repository, chosen)]
        if os.getuid() == 0:
            trials.append(as_someone(Path(place), repository, names))
    return trials


def as_someone(place: Path, repository: Path, names: list[str]) -> dict[str, Any]:
    """The trial as an unprivileged user, in a copy of what the trial needs.

    Raises:
        RuntimeError: it came to no end; the message is the last that was said.
    """
    place.chmod(0o755)
    home = place / "someone"
    shutil.copytree(repository / "solutions" / SLUG, home / "repository" / "solutions" / SLUG)
    shutil.copy(repository / "nbgrader_config.py", home / "repository" / "nbgrader_config.py")
    command = ["-W", "ignore", "-m", "dropgrade.grading.engine.trial", "--here", str(home / "course")]
    done = run_as_someone(home, [*command, "--course", str(home / "repository"), *names], LONGEST)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
