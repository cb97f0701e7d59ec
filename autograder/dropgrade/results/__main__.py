"""python -m dropgrade.results book/experiments [NAME...] [--check | --smoke] [--force]

Bring measured results up to date: run what is missing, draw and write what is stale, leave the rest alone.
Ctrl-C loses at most the run under way; the same command goes on from there.
"""

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dropgrade.errors import CourseError, ResultError
from dropgrade.results import frame, record, sources
from dropgrade.results.frame import Experiment, Runs
from dropgrade.results.intervals import t_quantile

# On the machine of the committed runs a right rerun gives their numbers. On one that rounds otherwise it
# leaves the range by chance once in 1,000 comparisons, and then always, because the seed decides the run.
SMOKE_LEVEL = 1 - 1e-3


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: all is fresh now. 1: stale, or a smoke run disagrees. 2: unusable. 130: interrupted."""
    parser = argparse.ArgumentParser(prog="python -m dropgrade.results", description=__doc__.splitlines()[2])
    parser.add_argument("experiments", type=Path, help="folder of the scripts, book/experiments")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these (default: all)")
    parser.add_argument("--check", action="store_true", help="only say what is stale; exit 1 if anything is")
    parser.add_argument("--smoke", action="store_true", help="rerun a small part and compare; writes nothing")
    parser.add_argument("--force", action="store_true", help="forget the finished runs and measure all anew")
    options = parser.parse_args(arguments)
    try:
        scripts = find(options.experiments, options.names)
        if options.check:
            return check(scripts)
        if options.smoke:
            return max([smoke(script) for script in scripts])
        for script in scripts:
            update(script, options.force)
    except CourseError as error:
        print(f"dropgrade.results: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; finished runs are kept, the same command goes on from here", file=sys.stderr)
        return 130
    return 0


def find(folder: Path, names: list[str]) -> list[Path]:
    """The scripts in a folder: every Python file whose name does not start with an underscore."""
    known = {path.stem: path for path in sorted(folder.glob("[!_]*.py"))}
    if not known:
        raise ResultError(f"{folder} holds no experiment; give the folder of the scripts, book/experiments")
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ResultError(f"no experiment {', '.join(unknown)} in {folder}; known: {', '.join(known)}")
    return [known[name] for name in names or known]


def check(scripts: list[Path]) -> int:
    """Print what is stale, and why; importing nothing, so it is quick."""
    stale = 0
    for script in scripts:
        reasons = reasons_to_make(script)
        if reasons:
            stale += 1
            print(f"{script.stem}: stale ({'; '.join(reasons)}); run {record.MEND}")
    if not stale:
        print(f"{len(scripts)} results are fresh")
    return int(stale > 0)


def reasons_to_make(script: Path) -> list[str]:
    results, root = _folders(script)
    try:
        result = record.load(results, script.stem)
    except ResultError as error:
        return [str(error)]
    return sources.stale_reasons(result, root, results)


def update(script: Path, force: bool = False) -> None:
    """Make one result fresh, reusing every finished run whose code, data, settings and seed are unchanged."""
    if not force and not reasons_to_make(script):
        print(f"{script.stem}: fresh")
        return
    results, root = _folders(script)
    cache = results / ".partial"
    with experiment_of(script) as experiment:
        made_from = sources.hashes(script, root, experiment.data)  # now: an edit while it runs makes it stale
        if force:
            _forget(cache, (key for _, _, key in frame.plan(experiment, root)))
        known = {} if force else _finished(results, script.stem)
        records = collect(experiment, root, cache, known)
        result, figures = frame.summarise(experiment, records, made_from)
    record.save(results, result, figures)
    _forget(cache, (entry["key"] for entry in records))
    seen = sum(result.directions.values())
    print(f"{result.name}: {result.claim}")
    print(f"{result.name}: {len(records)} runs, {seen} of {len(result.directions)} directions seen; written")


def collect(experiment: Experiment, root: Path, cache: Path, known: dict[str, dict]) -> list[dict]:
    """All runs: known ones taken over, the others made now, each kept in `cache` as soon as it is done."""
    todo = list(frame.plan(experiment, root))
    missing = sum(key not in known and not _partial(cache, key).is_file() for _, _, key in todo)
    records, seconds = [], []
    for arm, seed, key in todo:
        metrics = known.get(key) or _read(_partial(cache, key))
        if metrics is None:
            start = time.perf_counter()
            metrics = frame.measure(experiment, arm, seed)
            record.write(_partial(cache, key), json.dumps(metrics))
            seconds.append(time.perf_counter() - start)
            left = frame.remaining(seconds, missing - len(seconds))
            done = f"{experiment.name} {len(seconds)}/{missing}"
            print(f"{done}  {arm}, seed {seed}: {seconds[-1]:.1f} s, {left}", flush=True)
        records.append({"arm": arm, "seed": seed, "key": key, "metrics": metrics})
    return records


def smoke(script: Path) -> int:
    """Rerun a few arms and seeds, and compare each mean with what the committed runs predict for it."""
    results, _ = _folders(script)
    committed = Runs(record.load(results, script.stem).runs)
    worst = 0
    with experiment_of(script) as experiment:
        for arm, metrics in experiment.smoke.items():
            again = [frame.measure(experiment, arm, seed) for seed in range(experiment.smoke_seeds)]
            for metric in metrics:
                mean = sum(run[metric] for run in again) / len(again)
                low, high = prediction_interval(committed.column(arm, metric), len(again))
                fits = low <= mean <= high
                worst = max(worst, not fits)
                verdict = "agrees with" if fits else "IS OUTSIDE"
                print(
                    f"{experiment.name} {arm} {metric}: {mean:.4g} {verdict} {low:.4g} to {high:.4g}",
                    flush=True,
                )
    return int(worst)


def prediction_interval(samples, runs: int) -> tuple[float, float]:
    """Where the mean of `runs` new runs falls with probability SMOKE_LEVEL, given samples (seeds,)."""
    n = len(samples)
    half = t_quantile(SMOKE_LEVEL, n - 1) * samples.std(ddof=1) * (1 / n + 1 / runs) ** 0.5
    return samples.mean() - half, samples.mean() + half


@contextmanager
def experiment_of(script: Path) -> Iterator[Experiment]:
    """Import a script beside its helper modules, and forget both afterwards."""
    folder = str(script.resolve().parent)
    before = set(sys.modules)
    sys.path.insert(0, folder)
    try:
        spec = importlib.util.spec_from_file_location(script.stem, script)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if not isinstance(getattr(module, "EXPERIMENT", None), Experiment):
            raise ResultError(f"{script} must define EXPERIMENT, a dropgrade.results.Experiment")
        yield module.EXPERIMENT
    finally:
        sys.path.remove(folder)
        for name in set(sys.modules) - before:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(folder):
                del sys.modules[name]


def _folders(script: Path) -> tuple[Path, Path]:
    """The results beside the experiments' folder, and the course's folder above both."""
    experiments = script.resolve().parent
    return experiments.parent / "results", experiments.parent.parent


def _finished(results: Path, name: str) -> dict[str, dict]:
    """Metrics by key of the runs in the committed result, unless edited; other fields may be outdated."""
    try:
        content = record.unsealed(results / f"{name}.json")
        return {entry["key"]: entry["metrics"] for entry in content["runs"]}
    except (ResultError, KeyError, TypeError):
        return {}


def _partial(cache: Path, key: str) -> Path:
    return cache / f"{key}.json"


def _forget(cache: Path, keys: Iterable[str]) -> None:
    for key in keys:
        _partial(cache, key).unlink(missing_ok=True)


def _read(path: Path) -> dict | None:
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


if __name__ == "__main__":
    raise SystemExit(main())
