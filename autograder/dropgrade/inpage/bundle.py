"""The checks as one archive for the browser, made from the tree: what they import, and nothing else."""

import ast
import functools
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

import dropgrade

SLUGS = (
    "01_mask",
    "02_forward",
    "03_backward",
    "04_coadaptation",
    "05_ensemble",
    "06_regulariser",
    "07_rate",
    "10_architectures",
    "11_uncertainty",
    "12_variants",
    "13_bugs",
)
"""Exercises that can be done on a page; the others are written in PyTorch or Triton, which no browser has."""
PACKAGE = Path(dropgrade.__file__).parent
ENTRY = ("inpage.session", "inpage.clock")
DATA = "digits14.npz"
"""Read by the checks that train a network; the page fetches it for these exercises alone."""
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def module_path(name: str) -> Path | None:
    """The file of a module of this package, by its full name; None if that is no module."""
    base = PACKAGE.joinpath(*name.split(".")[1:])
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


def closure(names: Iterable[str]) -> dict[str, Path]:
    """These modules and all modules of this package that they import, by full name; packages come along."""
    found: dict[str, Path] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        path = module_path(name)
        if name in found or path is None or name.partition(".")[0] != PACKAGE.name:
            continue
        if name != PACKAGE.name and _needs_torch(path):
            continue
        found[name] = path
        waiting += [name.rpartition(".")[0], *_imported(path.read_text(encoding="utf-8"))]
    return found


@functools.cache
def _imported(text: str) -> tuple[str, ...]:
    """What a module's text imports, anywhere in it; cached, as each build asks more than once."""
    names = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names)


def _needs_torch(path: Path) -> bool:
    """Is torch imported at the top? Then the module is used where torch exists, and not in a browser."""
    top = ast.parse(path.read_text(encoding="utf-8")).body
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in top if isinstance(node, ast.ImportFrom)}
    return any((name or "").partition(".")[0] in ("torch", "triton") for name in names)


def needs_digits(slug: str) -> bool:
    """Do the checks of an exercise read the digits?"""
    return "dropgrade.digits" in closure([f"dropgrade.checks.ex{slug}"])


def files() -> dict[str, Path]:
    """Every file of the archive by its name in there."""
    modules = [f"dropgrade.{entry}" for entry in ENTRY]
    modules += [f"dropgrade.checks.ex{slug}" for slug in SLUGS] + ["dropgrade.digits"]
    found = list(closure(modules).values()) + sorted((PACKAGE / "checks/misconceptions").glob("*.toml"))
    return {path.relative_to(PACKAGE.parent).as_posix(): path for path in found}


def archive() -> bytes:
    """The archive; the same tree gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, path in sorted(files().items()):
            packed.writestr(zipfile.ZipInfo(name, LONG_AGO), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
