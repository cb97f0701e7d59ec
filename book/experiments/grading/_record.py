"""Where the figures about grading go, and what is said of the machine and the engine that gave them."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from dropgrade.grading.engine import measure
from dropgrade.grading.engine.jobs import fingerprint
from dropgrade.results import Result, Value, save
from dropgrade.results.record import sha256

ROOT = Path(__file__).resolve().parents[3]
MEASURE = Path(measure.__file__).parent


def keep(
    name: str,
    script: str,
    parts: Sequence[str],
    values: Mapping[str, Value],
    claim: str,
    directions: Mapping[str, bool],
    runs: list[dict],
    seconds: float,
    folder: Path | None = None,
    seeds: Sequence[int] = (),
) -> Path:
    """Write book/results/NAME.json.

    Its sources are the script and the parts of the measuring package that it uses: a change of the engine
    does not make a measurement wrong, only old, and the engine that was measured is among the versions.
    """
    paths = [Path(__file__), Path(__file__).with_name(script), *(MEASURE / f"{part}.py" for part in parts)]
    result = Result(
        name=name,
        claim=claim,
        alt=claim,
        directions=dict(directions),
        values=dict(values),
        seeds=list(seeds),
        steps=0,
        cpu_seconds=seconds,
        versions=versions(),
        sources={_name(path): sha256(path.read_bytes()) for path in paths},
        figures={},
        runs=runs,
    )
    folder = folder or ROOT / "book" / "results"
    save(folder, result, {})
    return folder / f"{name}.json"


def versions() -> dict[str, str]:
    """Of what decides how long grading takes, the engine by a hash of what it runs; and the day."""
    found = {name: metadata.version(name) for name in ("nbgrader", "numpy", "torch", "ipython", "ipykernel")}
    found |= {"python": platform.python_version(), "kernel": platform.release(), "engine": fingerprint()[:16]}
    bubblewrap = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout
    found |= {"bubblewrap": bubblewrap.split()[-1], "cores": str(os.cpu_count())}
    return found | {"date": datetime.now(UTC).date().isoformat()}


def line(**facts: object) -> None:
    """Print a line of progress."""
    print(json.dumps(facts), flush=True)


def _name(path: Path) -> str:
    package = MEASURE.parents[3]
    return path.relative_to(package if path.is_relative_to(package) else ROOT).as_posix()
