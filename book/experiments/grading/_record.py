"""Where the figures about grading go, and what is said of the machine and the engine that gave them."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
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
    values: Mapping[str, Value],
    claim: str,
    directions: Mapping[str, bool],
    runs: list[dict],
    seconds: float,
    folder: Path | None = None,
) -> Path:
    """Write book/results/NAME.json.

    Its sources are the scripts alone: a change of the engine does not make a measurement wrong, only old, and
    the engine that was measured is named among the versions.
    """
    paths = [Path(__file__), Path(__file__).with_name(script), *sorted(MEASURE.glob("*.py"))]
    result = Result(
        name=name,
        claim=claim,
        alt=claim,
        directions=dict(directions),
        values=dict(values),
        seeds=[],
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
    """Of everything that decides how long grading takes; the engine by a hash of the code inside its jail."""
    found = {name: metadata.version(name) for name in ("nbgrader", "numpy", "torch", "ipython", "ipykernel")}
    found |= {"python": platform.python_version(), "kernel": platform.release(), "engine": fingerprint()[:16]}
    bubblewrap = subprocess.run(["bwrap", "--version"], capture_output=True, text=True).stdout
    return found | {"bubblewrap": bubblewrap.split()[-1], "cores": str(os.cpu_count())}


def line(**facts: object) -> None:
    """Print a line of progress."""
    print(json.dumps(facts), flush=True)


def _name(path: Path) -> str:
    package = MEASURE.parents[3]
    return path.relative_to(package if path.is_relative_to(package) else ROOT).as_posix()
