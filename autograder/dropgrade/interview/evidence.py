"""The numbers behind the answers: small functions that measure, and what an answer expects of them.

A measure is a function without arguments in `book/evidence/TOPIC.py`; a record refers to it as
`TOPIC.function` and says what it expects: `0.19 to 0.21`, `< 1e-6`, `> 0`, `= 16`, and for a number with an
interval also `low > 0` or `high < 0`.

    python -m dropgrade.interview.evidence book/evidence                               print all of them
    python -m dropgrade.interview.evidence book/evidence theory --write book/results/evidence
"""

import argparse
import ast
import functools
import hashlib
import importlib.util
import json
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dropgrade.errors import CourseError

COMMAND = "python -m dropgrade.interview.evidence"
KEPT = "book/results/evidence"


class EvidenceError(CourseError):
    """A measure is unknown, returns no number or is older than its module; or an expectation is malformed."""


class Measured(NamedTuple):
    """What a measure found; `low` and `high` are its 95 % interval, or None."""

    value: float
    low: float | None = None
    high: float | None = None

    def quote(self, digits: int = 3) -> str:
        """For a sentence: significant digits, and the interval if there is one.

        >>> Measured(0.123456).quote(), Measured(0.5, 0.4, 0.61).quote(2), Measured(65536).quote()
        ('0.123', '0.5 (95 % CI 0.4 to 0.61)', '65,536')
        """
        if self.low is None:
            return _number(self.value, digits)
        low, high = (_number(bound, digits) for bound in (self.low, self.high))
        return f"{_number(self.value, digits)} (95 % CI {low} to {high})"


def measures(path: Path) -> dict[str, Callable[[], object]]:
    """The public functions that a module of measures defines, in its order.

    Args:
        path: `book/evidence/TOPIC.py`; the modules beside it can be imported by it.
    """
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(f"evidence_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return {name: getattr(module, name) for name in sources(path)}


def sources(path: Path) -> dict[str, str]:
    """Public function -> its source text, without running anything."""
    return dict(_functions(path.read_text(encoding="utf-8")))


@functools.cache
def _functions(text: str) -> dict[str, str]:
    """Cached: a page asks for each number. (`ast.get_source_segment` splits the text for each function.)"""
    lines = text.split("\n")
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {
        node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in functions
        if not node.name.startswith("_")
    }


def measure(path: Path) -> dict[str, Measured]:
    """Run every measure of a module.

    Raises:
        EvidenceError: one returns something else than a finite number or such a triple.
    """
    return {
        name: _as_measured(f"{path.stem}.{name}", function()) for name, function in measures(path).items()
    }


def write(path: Path, found: dict[str, Measured], folder: Path) -> Path:
    """Keep what a module's measures found, stamped with the module's hash, as `folder/TOPIC.json`."""
    values = {
        name: {key: part for key, part in found[name]._asdict().items() if part is not None} for name in found
    }
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{path.stem}.json"
    target.write_text(json.dumps({"source": _stamp(path), "values": values}, indent=1) + "\n", "utf-8")
    return target


def read(path: Path, folder: Path) -> dict[str, Measured]:
    """What was kept for a module of measures.

    Raises:
        EvidenceError: never measured, or the module has changed since; the message says what to type.
    """
    target = Path(folder) / f"{path.stem}.json"
    mend = f"run `make results`, or for this one alone `{COMMAND} book/evidence {path.stem} --write {KEPT}`"
    if not target.is_file():
        raise EvidenceError(f"evidence {path.stem} was never measured; {mend}")
    kept = json.loads(target.read_text("utf-8"))
    if kept["source"] != _stamp(path):
        raise EvidenceError(f"evidence {path.stem} is older than its module; {mend}")
    return {name: Measured(**value) for name, value in kept["values"].items()}


def holds(expect: str, found: Measured) -> bool:
    """Whether a number is what an answer expects.

    >>> holds("0.19 to 0.21", Measured(0.2)), holds("low > 0", Measured(1, -1, 3))
    (True, False)

    Raises:
        EvidenceError: `expect` is none of the forms above, or asks for a bound that the number lacks.
    """
    number = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
    if between := re.fullmatch(rf"({number}) to ({number})", expect):
        return float(between[1]) <= found.value <= float(between[2])
    if not (compared := re.fullmatch(rf"(?:(low|high) )?([<>=]) ({number})", expect)):
        raise EvidenceError(
            f"expect must be like '0.1 to 0.3', '< 1e-6', '> 0', '= 16' or 'low > 0', got {expect!r}"
        )
    value = getattr(found, compared[1] or "value")
    if value is None:
        raise EvidenceError(f"expect {expect!r} needs an interval, and the measure returns none")
    sign, bound = compared[2], float(compared[3])
    return value < bound if sign == "<" else value > bound if sign == ">" else math.isclose(value, bound)


def main(arguments: list[str] | None = None) -> int:
    """Measure some or all topics, print what came out, keep it if asked to."""
    parser = argparse.ArgumentParser(prog="dropgrade.interview.evidence", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the modules of measures are")
    parser.add_argument(
        "topics", nargs="*", metavar="TOPIC", help="default: all that are stale or all there are"
    )
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="keep the numbers there")
    parser.add_argument(
        "--stale", action="store_true", help="only topics that --write's folder lacks or has older"
    )
    options = parser.parse_args(arguments)
    known = {path.stem: path for path in sorted(options.folder.glob("[a-z]*.py"))}
    if unknown := sorted({*options.topics} - {*known}):
        parser.error(f"no measures for {', '.join(unknown)}; known: {', '.join(known)}")
    for topic in options.topics or known:
        if options.stale and options.write and _is_fresh(known[topic], options.write):
            continue
        found = measure(known[topic])
        for name, value in found.items():
            print(f"{topic}.{name}: {value.quote(6)}")
        if options.write:
            write(known[topic], found, options.write)
    return 0


def _is_fresh(path: Path, folder: Path) -> bool:
    try:
        read(path, folder)
    except EvidenceError:
        return False
    return True


def _stamp(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _as_measured(name: str, returned: object) -> Measured:
    parts = tuple(returned) if isinstance(returned, tuple) else (returned,)
    try:
        numbers = [float(part) for part in parts]
    except (TypeError, ValueError):
        numbers = []
    if len(numbers) not in (1, 3) or not all(map(math.isfinite, numbers)):
        raise EvidenceError(f"{name} must return a finite number or (value, low, high), got {returned!r}")
    return Measured(*numbers)


def _number(value: float, digits: int) -> str:
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.{digits}g}"


if __name__ == "__main__":
    sys.exit(main())
