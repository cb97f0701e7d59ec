"""Notebooks as shards in a folder, for clusters that run commands rather than Python, such as a Slurm array.

``write`` makes files of a hundred jobs each; ``run`` works through one of them on any machine that sees the
folder, and may be started again; ``collect`` brings the results home, where `dropgrade grade` finds them.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from dropgrade.errors import CourseError
from dropgrade.grading.engine.inside.jail import Limits
from dropgrade.grading.engine.jobs import Job, fingerprint
from dropgrade.grading.engine.pool import LocalPool, results
from dropgrade.grading.engine.progress import Progress
from dropgrade.grading.engine.store import Store
from dropgrade.grading.engine.warm import Settings

SIZE = 100
"""Jobs in a shard: a minute's work or less, beside which starting the warm processes is little."""
RESULTS, ABOUT = "results", "about.json"


def write(folder: Path, jobs: Iterable[Job], settings: Settings, size: int = SIZE) -> int:
    """Write jobs, each once, into shards; returns how many shards there are.

    Args:
        settings: how the shards are to be run, on whatever machine.

    Raises:
        CourseError: the folder holds shards already.
    """
    if (folder / ABOUT).exists():
        raise CourseError(f"{folder} holds shards already; collect them, or choose another folder")
    texts = list(dict.fromkeys(job.dumps() for job in jobs))
    if not texts:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, len(texts), size)):
        lines = "".join(f"{text}\n" for text in texts[start : start + size])
        _shard(folder, number).write_text(lines, encoding="utf-8")
    about = {"fingerprint": fingerprint(), "settings": asdict(settings)}
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")  # last: now the shards are whole
    return -(-len(texts) // size)


def run(folder: Path, number: int, width: int | None = None) -> Iterator[str]:
    """Run one shard; what has a result already is not run again. Yields lines for the log.

    Raises:
        CourseError: there is no such shard, its results cannot be written, or this machine has another
            version of this package than the one that wrote it.
        SandboxError: this machine's sandbox lacks a layer.
    """
    path = _shard(folder, number)
    if not path.is_file() or not (folder / ABOUT).is_file():
        raise CourseError(f"{folder} has no shard {number}")
    settings = _settings(folder)
    store = Store(folder / RESULTS)
    jobs = [Job.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    missing = [job for job in jobs if store.get(job.key) is None]
    progress = Progress(len(missing))
    with LocalPool(settings, width) as pool:
        for _, result in results(pool, ((None, job) for job in missing)):
            store.put(result)
            progress.clear()
            yield from (f"{result.key[:12]}: {remark}" for remark in result.odd)
            yield from progress.advance()
    progress.clear()
    yield f"shard {number}: {len(missing)} run, {len(jobs) - len(missing)} had been run before"


def collect(folder: Path, store: Store) -> str:
    """Bring the results of all shards into a course's store; returns a line that says what is missing.

    Raises:
        CourseError: there are no shards in the folder.
    """
    paths = sorted(folder.glob("shard-*.jsonl"))
    if not paths:
        raise CourseError(f"{folder} holds no shards")
    brought, missing = 0, 0
    found = Store(folder / RESULTS)
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            result = found.get(Job.loads(line).key)
            if result is None:
                missing += 1
            else:
                store.put(result)
                brought += 1
    rest = f"{missing} are missing: `dropgrade grade` runs those itself" if missing else "none is missing"
    return f"{brought} results collected, {rest}"


def _shard(folder: Path, number: int) -> Path:
    return folder / f"shard-{number:05}.jsonl"


def _settings(folder: Path) -> Settings:
    """What the shards are to be run with, by the very version of this package that wrote them."""
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    if about["fingerprint"] != fingerprint():
        raise CourseError(
            f"the shards in {folder} were written by another version of dropgrade; install the same one here"
        )
    given = about["settings"]
    given["packages"] = tuple(given["packages"])
    return Settings(**given | {"limits": Limits(**given["limits"])})
