"""Try all attacks, as this user and, if that is root, as somebody else too; say or write what came of it."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from dropgrade.grading.engine.trial import ATTACKS
from dropgrade.grading.engine.trial.court import try_all
from dropgrade.grading.engine.trial.model import SLUG
from dropgrade.grading.engine.trial.record import held, record, stale
from dropgrade.grading.engine.trial.someone import run_as_someone

LONGEST = 1500.0


def main() -> int:
    """Entry point; exit code 1 when an attack succeeded, or when what is checked is stale."""
    parser = argparse.ArgumentParser(prog="python -m dropgrade.grading.engine.trial", description=__doc__)
    parser.add_argument("--course", type=Path, default=Path("."), help="the repository (default: here)")
    parser.add_argument("--write", type=Path, help="write the results to this JSON file")
    parser.add_argument("--check", type=Path, help="only say what has changed since this file was written")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", help="attacks (default: all)")
    options = parser.parse_args()
    chosen = tuple(one for one in ATTACKS if not options.names or one.name in options.names)
    if options.here:
        print(json.dumps(try_all(options.here, options.course, chosen)))
        return 0
    if options.check:
        changed = stale(options.check)
        print("\n".join(f"changed since {options.check} was written: {name}" for name in changed), end="")
        return 1 if changed else 0
    runs = run(options.course, [one.name for one in chosen])
    outcome = record(runs)
    if options.write:
        options.write.write_text(json.dumps(outcome, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for trial in runs:
        print(f"{trial['user']}: {len(trial['attacks'])} attacks in {trial['seconds']:g} s")
    for one in outcome["attacks"]:
        if not one["failed"]:
            print(
                f"SUCCEEDED: {one['name']}: {one['scores']} for {one['honest']}; {'; '.join(one['leaked'])}"
            )
    for what, found in outcome["outside"].items():
        if found:
            print(f"OUTSIDE: {what}: {found}")
    return 0 if held(outcome) else 1


def run(repository: Path, names: list[str]) -> list[dict[str, Any]]:
    """The trial as this user, and for root as somebody else at the same time, who gets copies of it all.

    Each is a process of its own, so that what stays behind can be told from what belongs to the other.

    Raises:
        RuntimeError: one came to no end; the message is the last that was said.
    """
    trying = ["-W", "ignore", "-m", "dropgrade.grading.engine.trial", "--here"]
    with tempfile.TemporaryDirectory(prefix="trial-") as folder, ThreadPoolExecutor(2) as pool:
        place = Path(folder)
        command = [sys.executable, *trying, str(place / "course"), "--course", str(repository), *names]
        running = [pool.submit(subprocess.run, command, capture_output=True, text=True, timeout=LONGEST)]
        if os.getuid() == 0:
            place.chmod(0o755)
            home = place / "someone"
            shutil.copytree(repository / "solutions" / SLUG, home / "repository" / "solutions" / SLUG)
            shutil.copy(repository / "nbgrader_config.py", home / "repository" / "nbgrader_config.py")
            command = [*trying, str(home / "course"), "--course", str(home / "repository"), *names]
            running.append(pool.submit(run_as_someone, home, command, LONGEST))
        return [_said(one.result()) for one in running]


def _said(done: subprocess.CompletedProcess) -> dict[str, Any]:
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
