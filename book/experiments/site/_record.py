"""Where the figures about the site go, and what is said of the machine that gave them."""

import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from dropgrade.doctor import browser_path
from dropgrade.inpage import engine
from dropgrade.results import Result, Value, save
from dropgrade.results.record import sha256

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def keep(
    name: str,
    scripts: Sequence[str],
    values: Mapping[str, Value],
    claim: str,
    directions: Mapping[str, bool],
    runs: list[dict],
    seconds: float,
    folder: Path | None = None,
) -> Path:
    """Write book/results/NAME.json.

    Its sources are the scripts that measured: a change of the site does not make a measurement wrong, only
    old, and the commit that was measured is among the versions.
    """
    result = Result(
        name=name,
        claim=claim,
        alt=claim,
        directions=dict(directions),
        values=dict(values) | {"load": load_value(runs)},
        seeds=[],
        steps=0,
        cpu_seconds=seconds,
        versions=versions(),
        sources={
            path.relative_to(ROOT).as_posix(): sha256(path.read_bytes())
            for path in (HERE / script for script in ("_record.py", *scripts))
        },
        figures={},
        runs=runs,
    )
    folder = folder or ROOT / "book" / "results"
    save(folder, result, {})
    return folder / f"{name}.json"


def load_value(runs: Sequence[Mapping]) -> Value:
    """How many processes wanted a core just before the runs began, as a median: 0 on an idle machine."""
    return Value(statistics.median(run["load"] for run in runs), digits=1)


def load_now() -> float:
    """The machine's load over the last minute."""
    return round(os.getloadavg()[0], 2)


def versions() -> dict[str, str]:
    """Of what decides how long a page or a build takes; the commit, and the day."""
    found = {name: metadata.version(name) for name in ("sphinx", "myst-nb", "playwright", "numpy")}
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    browser = subprocess.run([browser_path() or "true", "--version"], capture_output=True, text=True)
    found |= {"python": platform.python_version(), "kernel": platform.release(), "pyodide": engine.VERSION}
    found |= {
        "browser": browser.stdout.strip(),
        "commit": commit.stdout.strip(),
        "cores": str(os.cpu_count()),
    }
    return found | {"date": datetime.now(UTC).date().isoformat()}
