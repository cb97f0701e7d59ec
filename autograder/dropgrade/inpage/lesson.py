"""What a page needs of a release notebook: the given lines, the cells to fill, the rules, the hints."""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from dropgrade.errors import CourseError

SETUP = "setup"
HINT = re.compile(r"<details><summary>(?P<title>.*?)</summary>\n(?P<text>.*?)\n</details>", re.DOTALL)
NOT_HERE = (r"import sys", r"if 'google\.colab' in sys\.modules:", r"from dropgrade\.checks import check$")
"""Statements of the setup cell that a page has no use for, as `ast.unparse` begins them."""


@dataclass(frozen=True)
class Part:
    """A piece of an exercise in the order of the notebook.

    Attributes:
        kind: what it is: prose, code to read, a cell to fill, a hint.
        text: Markdown for prose and hints, Python otherwise.
        name: a cell's grade_id, a hint's title; empty otherwise.
    """

    kind: Literal["prose", "code", "cell", "hint"]
    text: str
    name: str = ""


@dataclass(frozen=True)
class PageExercise:
    """An exercise as a page shows it.

    Attributes:
        slug: its name.
        given: the lines that stand before the learner's: imports, constants.
        parts: everything up to the last cell to fill, and the hints after it; checks are left out.
    """

    slug: str
    given: str
    parts: tuple[Part, ...]

    @property
    def cells(self) -> list[Part]:
        """The cells to fill, in order."""
        return [part for part in self.parts if part.kind == "cell"]

    def starts(self) -> list[str]:
        """What the editors show at first; a single one begins with the given lines."""
        texts = [cell.text for cell in self.cells]
        return [f"{self.given}\n\n\n{texts[0]}"] if len(texts) == 1 else texts


def read(path: Path) -> PageExercise:
    """Read a release notebook.

    Raises:
        CourseError: no such file, no notebook of ours, or nothing to fill in it.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        given = next(_source(cell) for cell in cells if _marks(cell).get("grade_id") == SETUP)
    except (OSError, ValueError, KeyError, StopIteration) as error:
        raise CourseError(f"{path} is no release notebook with a cell {SETUP!r}: {error!r}") from error
    parts = list(_parts(cells))
    last = max((i for i, part in enumerate(parts) if part.kind == "cell"), default=None)
    if last is None:
        raise CourseError(f"{path} has no cell to fill")
    kept = parts[: last + 1] + [part for part in parts[last + 1 :] if part.kind == "hint"]
    return PageExercise(path.stem, own_lines(given), tuple(kept))


def own_lines(setup: str) -> str:
    """The setup cell without what Colab needs and without the import of `check`.

    >>> own_lines("import sys\\n\\nimport numpy as np\\nfrom dropgrade.checks import check\\nS = 2  # fixed")
    'import numpy as np\\n\\nS = 2  # fixed'
    """
    lines = setup.splitlines()
    for node in ast.parse(setup).body:
        if any(re.match(start, ast.unparse(node)) for start in NOT_HERE):
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _parts(cells: list[dict]) -> Iterator[Part]:
    """All parts after the setup cell."""
    begun = False
    for cell, after in pairwise([*cells, {}]):
        marks, source = _marks(cell), _source(cell)
        if marks.get("grade_id") == SETUP:
            begun = True
        elif not begun or marks.get("grade"):
            continue
        elif marks.get("solution"):
            yield Part("cell", source, marks["grade_id"])
        elif cell.get("cell_type") == "code":
            yield Part("code", source)
        elif hints := list(HINT.finditer(source)):
            yield from (Part("hint", hint["text"].strip(), hint["title"]) for hint in hints)
        elif "\n" in source and not _marks(after).get("grade"):  # more than a heading, and not about a check
            yield Part("prose", source)


def _marks(cell: dict) -> dict:
    return cell.get("metadata", {}).get("nbgrader", {})


def _source(cell: dict) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)
