"""The trial as a file: what came of each attack, for whom it was tried, and on what the outcome rests."""

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

from dropgrade.grading.engine import trial

ENGINE = Path(__file__).resolve().parents[1]
RESTS_ON = (
    *("inside/*.py", "trial/*.py", "mounts.py", "outputs.py", "sanitise.py", "session.py", "master.py"),
    *("../ingest.py", "../safe_html.py", "../preprocessors.py", "../pages.py", "../settings.py"),
    "../templates/feedback/*.j2",
)
"""What decides whether an attack succeeds. How a class is shared out among machines is not in it."""
OTHER_TRIALS = ("honest.py", "fuzz.py", "mutate.py")
OUTSIDE = ("strange_rows", "planted", "changed_outside", "left_running")


def sources() -> dict[str, str]:
    """SHA-256 of everything in `RESTS_ON`, by its path in the package."""
    found = {path.resolve() for pattern in RESTS_ON for path in ENGINE.glob(pattern)}
    paths = sorted(path for path in found if path.name not in OTHER_TRIALS)
    return {
        str(path.relative_to(ENGINE.parent)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }


def record(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The JSON object behind the table on the instructor's page.

    Args:
        runs: of `court.try_all`, one for each user; the attacks of all are the same.
    """
    attacks = []
    for attack in runs[0]["attacks"]:
        found = [next(one for one in run["attacks"] if one["name"] == attack["name"]) for run in runs]
        about = {key: attack[key] for key in ("name", "group", "about", "honest")}
        scores = {
            "scores": [one["score"] for one in found],
            "leaked": sorted({w for one in found for w in one["leaked"]}),
        }
        attacks.append(about | scores | {"failed": all(one["failed"] for one in found)})
    return {
        "summary": {
            "attacks": len(attacks),
            "of_our_own": sum(attack["group"] == "own" for attack in attacks),
            "succeeded": sum(not attack["failed"] for attack in attacks),
            "users": [run["user"] for run in runs],
        },
        "outside": {name: sorted({thing for run in runs for thing in run[name]}) for name in OUTSIDE}
        | {"connections": sum(run["connections"] for run in runs)},
        "attacks": attacks,
        "versions": {"python": platform.python_version(), "kernel": platform.release()},
        "sources": sources(),
    }


def held(outcome: dict[str, Any]) -> bool:
    """Whether a record says that every attack failed and nothing outside was touched."""
    return not outcome["summary"]["succeeded"] and not any(outcome["outside"].values())


def stale(path: Path) -> list[str]:
    """What has changed since the record was written, by name; attacks that were not tried among it."""
    written = json.loads(path.read_text(encoding="utf-8"))
    now, then = sources(), written["sources"]
    untried = {attack.name for attack in trial.ATTACKS} - {attack["name"] for attack in written["attacks"]}
    return sorted(name for name in now.keys() | then if now.get(name) != then.get(name)) + sorted(untried)
