"""A job is what the engine needs to run one notebook, and nothing else: no name, no gradebook, no file.

Its key is the hash of that content, so identical notebooks are run once, a result finds its notebook on any
machine, and a change to the checks or to the engine makes old results unfit.
"""

import ast
import builtins
import hashlib
import json
import re
import symtable
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from typing import Any

from dropgrade.grading.engine import mounts
from dropgrade.grading.engine.given import given_by
from dropgrade.grading.engine.parsing import parse

LEARNER, PREPARE, TEST = "learner", "prepare", "test"
PROVIDED = ("scenario", "get_ipython", "display", "__name__")


@dataclass(frozen=True)
class Cell:
    """A code cell.

    Attributes:
        kind: "learner": run in the learner's process; "prepare": the course's own cell, run on both
            sides; "test": a graded cell, run by the judge alone.
    """

    kind: str
    source: str


@dataclass(frozen=True)
class Job:
    """The code of one notebook.

    Attributes:
        family: which warm process it wants: "numpy", "torch" or "triton".
        cells: the code cells in order.
        names: what the learner was asked to write: names that the course's cells use and never define, or
            hand to `check`.
        given: modules of this package, as text by name, that the course's cells import.
    """

    family: str
    cells: tuple[Cell, ...]
    names: tuple[str, ...]
    given: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """sha256 over the content, the checks and the engine."""
        return hashlib.sha256(f"{fingerprint()}\n{self.dumps()}".encode()).hexdigest()

    def dumps(self) -> str:
        """The job as JSON text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def loads(cls, text: str) -> "Job":
        """The job that `dumps` wrote."""
        data = json.loads(text)
        cells = tuple(Cell(**cell) for cell in data["cells"])
        return cls(data["family"], cells, tuple(data["names"]), tuple(map(tuple, data["given"])))


@dataclass
class Result:
    """What came of one job.

    Attributes:
        key: of the job.
        cells: for each of its cells {"outputs": [...], "count": execution count or None}.
        odd: what an instructor may want to know, one sentence each.
        seconds: how long it took.
        ended: why the learner's process came to no good end, or None.
    """

    key: str
    cells: list[dict[str, Any]]
    odd: list[str]
    seconds: float
    ended: str | None = None

    def dumps(self) -> str:
        """The result as JSON text."""
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, text: str) -> "Result":
        """The result that `dumps` wrote; ValueError, TypeError or KeyError when it is none."""
        return cls(**json.loads(text))


def make_job(cells: Iterable[Cell]) -> Job:
    """A job from the code cells of a notebook in order; names and family follow from them."""
    cells = tuple(cells)
    sources = tuple(cell.source for cell in cells if cell.kind != LEARNER)
    names, given = _interface(sources)
    return Job(family_of(cells), cells, names, given)


def family_of(cells: tuple[Cell, ...]) -> str:
    """What the cells import: "triton" if the course's own cells hand out Triton, "torch" if any imports it.

    The text of a learner's cell is hostile, so this process never parses it. One that only seems to import
    torch is run by a process that has torch, which does no harm.
    """
    if any(cell.kind != LEARNER and _imports("triton", cell.source) for cell in cells):
        return "triton"
    return "torch" if any(_imports("torch", cell.source) for cell in cells) else "numpy"


def _imports(library: str, source: str) -> bool:
    return library in source and _IMPORT[library].search(source) is not None


@lru_cache(maxsize=64)
def _interface(sources: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Names and given modules; the same for all submissions to an exercise."""
    names = {*free_names(sources), *handed_to_check(sources)}
    return tuple(sorted(names)), tuple(given_by(sources).items())


def handed_to_check(sources: Iterable[str]) -> set[str]:
    """Names that some cells hand to ``check`` after its first argument."""
    found: set[str] = set()
    for source in sources:
        try:
            calls = [node for node in ast.walk(parse(source)) if isinstance(node, ast.Call)]
        except (SyntaxError, ValueError):
            continue
        for call in calls:
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if called == "check":
                found |= {argument.id for argument in call.args[1:] if isinstance(argument, ast.Name)}
    return found


def free_names(sources: Iterable[str]) -> list[str]:
    """Names that some cells use and never bind, built-in ones left out, in alphabetical order."""
    used: set[str] = set()
    bound = {*dir(builtins), *PROVIDED}
    for source in sources:
        try:
            top = symtable.symtable(source, "<cell>", "exec")
        except (SyntaxError, ValueError):  # a cell with magics binds nothing that a test could miss
            continue
        bound |= {
            symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()
        }
        used |= _globals_used(top, top)
    return sorted(used - bound)


def _globals_used(table: symtable.SymbolTable, top: symtable.SymbolTable) -> set[str]:
    found = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (table is top or symbol.is_global())
    }
    return found.union(*(_globals_used(child, top) for child in table.get_children()))


_IMPORT = {
    name: re.compile(rf"^[ \t]*(?:import|from)[ \t][^#\n]*\b{name}\b", re.MULTILINE)
    for name in ("torch", "triton")
}


@cache
def fingerprint() -> str:
    """A hash of everything that decides a result besides the job: the checks and the engine's inside."""
    digest = hashlib.sha256()
    rooms = [mounts.PACKAGE / "checks", mounts.PACKAGE / "reference", mounts.INSIDE]
    files = [mounts.PACKAGE / name for name in mounts.DIGITS]
    files += (path for room in rooms for kind in ("*.py", "*.toml") for path in room.rglob(kind))
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
