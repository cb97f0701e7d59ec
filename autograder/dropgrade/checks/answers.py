"""Loading an answer: a Python file or a notebook becomes the names it defines, or one sentence on why not."""

import ast
import json
import linecache
import re
import sys
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dropgrade.checks.api import loading
from dropgrade.checks.calling import TimeUp, line_of, shorten
from dropgrade.errors import UnusableAnswer

RUN_THE_REST = {"time", "timeit", "capture", "prun"}
"""Cell magics whose cell is Python all the same; cells with another one are left out."""


@dataclass
class Answer:
    """What an answer file defines.

    Attributes:
        namespace: its names.
        problems: cells of a notebook that did not run, one sentence each; a later cell may still be fine.
    """

    namespace: dict[str, Any]
    problems: list[str] = field(default_factory=list)


def load(path: Path) -> Answer:
    """Run an answer file and return what it defines; calls of `check` in it do nothing.

    A Python file has to run from top to bottom. A notebook is run cell by cell as nbgrader runs it: a cell
    that fails does not stop the next one. Magics and shell lines are left out, graded test cells too.

    Raises:
        UnusableAnswer: not Python, not a notebook, or a Python file that fails or exits while it runs.
        TimeUp: the caller's time limit has passed.
    """
    text = path.read_bytes()
    module = types.ModuleType("answer")
    module.__file__ = str(path)
    sys.modules["answer"] = module  # dataclasses and pickle look a module up by its name
    answer = Answer(vars(module))
    with loading(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix == ".ipynb":
            answer.namespace["display"] = lambda *things, **options: None
            for place, source in cells(text, path.name):
                try:
                    execute(python_only(source), place, answer.namespace)
                except UnusableAnswer as problem:
                    answer.problems.append(str(problem))
        else:
            execute(text, path.name, answer.namespace)
    return answer


def execute(source: bytes | str, place: str, namespace: dict[str, Any]) -> None:
    """Run source code in `namespace`; whatever it raises becomes an `UnusableAnswer` that names the place."""
    try:
        code = compile(source, place, "exec", dont_inherit=True)
    except SyntaxError as error:
        where = f"line {error.lineno}, " if error.lineno else ""
        raise UnusableAnswer(f"{place} is not Python: {where}{shorten(error.msg)}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnusableAnswer(f"{place} is not Python: {shorten(error)}") from None
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)  # for inspect.getsource
    try:
        exec(code, namespace)
    except TimeUp as up:
        up.args = (place, line_of(up))
        raise
    except BaseException as error:
        line = line_of(error)
        where = f" in line {line}" if line else ""
        told = f": {shorten(error)}" if shorten(error) else ""
        raise UnusableAnswer(
            f"{place} fails while it is loaded: {type(error).__name__}{where}{told}"
        ) from None


def cells(text: bytes, name: str) -> Iterator[tuple[str, str]]:
    """The code cells that a learner may have written, as (place, source).

    Left out: cells that nbgrader grades and that hold no solution, since their text is ours.

    Raises:
        UnusableAnswer: the text is no notebook.
    """
    try:
        notebook = json.loads(text)
        found = list(notebook["cells"])
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        what = shorten(error, 60) if isinstance(error, ValueError) else "it has no list of cells"
        raise UnusableAnswer(f"{name} is not a notebook: {what}") from None
    for number, cell in enumerate(found, 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        metadata = cell.get("metadata")
        ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        if isinstance(ours, dict) and ours.get("grade") and not ours.get("solution"):
            continue
        source = cell.get("source", "")
        yield f"{name}, cell {number}", source if isinstance(source, str) else "".join(map(str, source))


def python_only(source: str) -> str:
    """A cell without IPython's magics, shell lines and questions; line numbers stay.

    A cell that is Python already is left alone, so that ``%`` at the start of a line of a string or of a
    continued expression survives.

    >>> python_only("%matplotlib inline\\nx = 1\\nfiles = !ls")
    'pass\\nx = 1\\nfiles = None'
    """
    first = source.lstrip().split("\n", 1)[0]
    if first.startswith("%%"):
        if re.split(r"\W", first[2:])[0] not in RUN_THE_REST:
            return ""
        source = source.replace(first, "pass", 1)
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "\n".join(map(_without_magic, source.split("\n")))
    return source


def _without_magic(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    if re.match(r"\s*([%!?]|[\w.]+\?+\s*$)", line):
        return f"{indent}pass"
    return re.sub(r"^(\s*[\w, ]+=\s*)[%!].*$", r"\1None", line)
