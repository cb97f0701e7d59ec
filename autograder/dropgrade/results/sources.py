"""Which files a result depends on, and whether they are still what they were."""

import ast
from collections.abc import Iterable
from pathlib import Path

import dropgrade
from dropgrade.results.record import Result, sha256

PACKAGE = Path(dropgrade.__file__).parent
BESIDES = (  # what shows numbers but does not make them, or hands on data whose own hash counts
    "dropgrade/results/",
    "dropgrade/style.py",
    "dropgrade/data.py",
)
IGNORED = (  # what can change neither numbers nor figures
    "dropgrade/__init__.py",
    "dropgrade/errors.py",
    "dropgrade/results/__init__.py",
    "dropgrade/results/record.py",
    "dropgrade/results/sources.py",
)


def local_modules(script: Path) -> list[Path]:
    """The script and, transitively, the modules it imports from its own folder and from dropgrade.

    Read from the source text, so that nothing has to be imported to know whether a result is stale.
    """
    found, waiting = [], [script.resolve()]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.append(path)
        for name in _imports(ast.parse(path.read_bytes())):
            waiting += _files_of(name, script.resolve().parent)
    return sorted(found)


def libraries(script: Path) -> set[str]:
    """Top-level names of all modules that the script and its local modules import."""
    trees = (ast.parse(path.read_bytes()) for path in local_modules(script))
    return {name.partition(".")[0] for tree in trees for name in _imports(tree)}


def hashes(script: Path, root: Path, data: Iterable[str], training_only: bool = False) -> dict[str, str]:
    """Path -> SHA-256 of the modules behind `script` and of the data files.

    Args:
        script: a Python file.
        root: the course's folder, to which paths and `data` are relative; modules of the package are
            named from `dropgrade/` on, wherever it is installed.
        data: files that the runs read.
        training_only: leave out BESIDES too, so that a new figure style costs no training.
    """
    paths = {_name(path, root): path for path in local_modules(script)}
    paths |= {name: root / name for name in data}
    left_out = IGNORED + BESIDES if training_only else IGNORED
    return {
        name: sha256(path.read_bytes())
        for name, path in sorted(paths.items())
        if not name.startswith(left_out)
    }


def stale_reasons(result: Result, root: str | Path, results: str | Path | None = None) -> list[str]:
    """Why `result` no longer shows what its sources say; empty when it is fresh.

    Args:
        result: as loaded. root: the course's folder. results: folder of the figures, to check them too.
    """
    root, reasons = Path(root), []
    for name, known in result.sources.items():
        path = path_of(name, root)
        if not path.is_file():
            reasons.append(f"{name} is gone")
        elif sha256(path.read_bytes()) != known:
            reasons.append(f"{name} changed")
    if results is not None:
        for name, known in result.figures.items():
            figure = Path(results) / name
            if not figure.is_file():
                reasons.append(f"{name} is missing")
            elif sha256(figure.read_bytes()) != known:
                reasons.append(f"{name} was changed by hand")
    return reasons


def path_of(name: str, root: Path) -> Path:
    """Where the source that a result calls `name` lies now."""
    return PACKAGE.parent / name if name.startswith("dropgrade/") else root / name


def is_stale(result: Result, root: str | Path, results: str | Path | None = None) -> bool:
    """True when a file behind `result` changed or is gone (see stale_reasons)."""
    return bool(stale_reasons(result, root, results))


def _imports(tree: ast.Module) -> Iterable[str]:
    """Every name that an import could mean: `from a import b` gives a and a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files_of(name: str, folder: Path) -> list[Path]:
    parts = name.split(".")
    if parts[0] == "dropgrade":
        base = PACKAGE.joinpath(*parts[1:])
        options = [base.with_suffix(".py")] if parts[1:] else []
        options.append(base / "__init__.py")
    else:
        options = [folder / f"{parts[0]}.py"]
    return [path for path in options if path.is_file()]


def _name(path: Path, root: Path) -> str:
    if path.is_relative_to(PACKAGE):
        return path.relative_to(PACKAGE.parent).as_posix()
    return path.relative_to(root.resolve()).as_posix()
