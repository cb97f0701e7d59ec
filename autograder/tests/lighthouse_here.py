"""Lighthouse for the tests: fetched by npm into the virtual environment, each file checked by its hash.

`lighthouse/package-lock.json` names every package with version and SHA-512; npm refuses a file that differs.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

SOURCE = Path(__file__).with_name("lighthouse")
NEEDED = "DROPGRADE_NEEDS_LIGHTHOUSE"
"""Set where Lighthouse can be had, as in the workflow check.yml: there, a test that cannot have it fails."""
PATIENCE = 300
"""Seconds that fetching may take."""


class Missing(Exception):
    """Lighthouse can be had from nowhere; the message says why and how to mend that."""


def folder() -> Path:
    """Where it lies: in the virtual environment; COURSE_LIGHTHOUSE names another place."""
    return Path(os.environ.get("COURSE_LIGHTHOUSE") or Path(sys.prefix, "share", "lighthouse"))


def fetch() -> Path:
    """Have Lighthouse in `folder()`, and return that; npm is asked only if the pins have changed.

    Raises:
        Missing: there is no npm, or it failed; the message is npm's own.
    """
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    pins = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
    with FileLock(place / "fetch.lock"):
        done = place / "pins"
        if done.is_file() and done.read_text(encoding="utf-8") == pins:
            return place
        npm = shutil.which("npm")
        if npm is None:
            raise Missing(
                "npm is not installed; mend: install Node.js from nodejs.org, or apt-get install npm"
            )
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCE / name, place)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]
        try:
            ran = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=PATIENCE)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Missing(f"npm did not fetch Lighthouse: {error}") from error
        if ran.returncode:
            raise Missing(f"npm did not fetch Lighthouse: {ran.stderr.strip()[:400]}")
        done.write_text(pins, encoding="utf-8")
    return place


def audit(place: Path, browser: str, pages: list[str]) -> list[dict]:
    """Scores of pages on the mobile preset: `page`, `scores` by category, `lost` audits, `error`, `version`.

    Raises:
        subprocess.CalledProcessError, subprocess.TimeoutExpired: Lighthouse itself failed.
    """
    command = ["node", str(SOURCE / "audit.mjs"), browser, *pages]
    ran = subprocess.run(
        command, cwd=place, check=True, stdout=subprocess.PIPE, text=True, timeout=60 * len(pages)
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]
